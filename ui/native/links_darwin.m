// A link comes as an Apple event, whose direct object is the address (developer.apple.com: NSAppleEventManager,
// "Handling Get URL Events").
#import <Foundation/Foundation.h>
#include "_cgo_export.h"

@interface CalltrayLinks : NSObject
- (void)open:(NSAppleEventDescriptor *)event withReplyEvent:(NSAppleEventDescriptor *)reply;
@end

@implementation CalltrayLinks
- (void)open:(NSAppleEventDescriptor *)event withReplyEvent:(NSAppleEventDescriptor *)reply {
	NSString *link = [[event paramDescriptorForKeyword:keyDirectObject] stringValue];
	if (link != nil) {
		calltrayOpenLink((char *)[link UTF8String]);
	}
}
@end

void calltrayWatchLinks(void) {
	static CalltrayLinks *links; // the manager does not keep it
	const FourCharCode getURL = 'GURL'; // kInternetEventClass and kAEGetURL
	links = [[CalltrayLinks alloc] init];
	[[NSAppleEventManager sharedAppleEventManager] setEventHandler:links
	                                                   andSelector:@selector(open:withReplyEvent:)
	                                                 forEventClass:getURL
	                                                    andEventID:getURL];
}
