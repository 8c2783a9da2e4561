package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"calltray/internal/account"
	"calltray/internal/contacts"
	"calltray/internal/systemproxy"
	"calltray/internal/text"
)

// servers returns how to reach servers with contacts: with the passwords from the keyring, and through the
// proxy in the settings.
func servers(settings func() account.Settings) contacts.Servers {
	return contacts.Servers{
		Password: func(ctx context.Context, server, user string) (string, error) {
			return account.Password(ctx, serverAccount(server, user))
		},
		Proxy: func(r *http.Request) (*url.URL, error) { return signedProxy(settings().Proxy, r) },
	}
}

// unknown returns how to look up numbers that are in no contacts.
func unknown(settings func() account.Settings) *contacts.Unknown {
	return &contacts.Unknown{
		Directory: func() contacts.Directory {
			s := settings()
			return contacts.Directory{Address: s.LookupURL, Name: s.LookupName, Company: s.LookupCompany, Headers: s.LookupHeaders}
		},
		Secret: func(ctx context.Context, host string) (string, error) {
			return account.Password(ctx, lookupAccount("https://"+host))
		},
		Proxy: func(r *http.Request) (*url.URL, error) { return signedProxy(settings().Proxy, r) },
	}
}

// lookupAccount is the account under which the keyring has the secret of a look-up: it is for that host only.
func lookupAccount(address string) account.Settings {
	return account.Settings{URL: address, UserID: "contacts look-up"}
}

// keepSecret stores the secret of a look-up address in the keyring; "" removes it.
func keepSecret(ctx context.Context, address, secret string) error {
	host, _, _ := strings.Cut(strings.ReplaceAll(address, "{e164}", ""), "?")
	if secret == "" {
		return account.DeletePassword(ctx, lookupAccount(host))
	}
	return account.SetPassword(ctx, lookupAccount(host), secret)
}

// serverAccount is the account under which the keyring has a user of a server with contacts.
func serverAccount(server, user string) account.Settings {
	return account.Settings{URL: "https://" + server, UserID: "contacts " + user}
}

var errProxy = errors.New("the address of the proxy cannot be read") // the address itself may contain a password

// signedProxy is proxyFor with the user and the password that the keyring has for the proxy.
func signedProxy(choice string, r *http.Request) (*url.URL, error) {
	proxy, err := proxyFor(choice, r)
	if err != nil || proxy == nil {
		return nil, err
	}
	return signIn(r.Context(), proxy, account.ProxySignIn), nil
}

// signIn adds the user and the password for a proxy to its address, if there are any.
func signIn(ctx context.Context, proxy *url.URL, ask func(ctx context.Context, proxy string) (user, password string, err error)) *url.URL {
	name := account.Settings{Proxy: proxy.String()}.ProxyName()
	if proxy.User != nil || name == "" {
		return proxy
	}
	user, password, err := ask(ctx, name)
	if err != nil || user == "" {
		return proxy // the proxy will say so if it requires one
	}
	signed := *proxy
	signed.User = url.UserPassword(user, password)
	return &signed
}

// proxyFor returns the proxy for a web address, according to account.Settings.Proxy.
func proxyFor(choice string, r *http.Request) (*url.URL, error) {
	var found *url.URL
	var err error
	switch choice {
	case "none":
	case "", "system":
		if found, err = http.ProxyFromEnvironment(r); found != nil || err != nil {
			break
		}
		if ip := net.ParseIP(r.URL.Hostname()); r.URL.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			break
		}
		if name, _ := systemproxy.Find(r.Context(), r.URL); name != "" {
			found, err = url.Parse(name)
		}
	default:
		found, err = url.Parse(choice)
	}
	if err != nil {
		return nil, errProxy
	}
	return found, nil
}

// ServerUser returns the user in an address of contacts: "" for a file, and for a server that anybody may read.
// The error is a sentence about an address that cannot be a server's.
func ServerUser(address string) (user string, err error) {
	if !contacts.IsServer(address) {
		return "", nil
	}
	s, err := contacts.ParseServer(address)
	if err != nil {
		return "", sourceError(address, err)
	}
	return s.User, nil
}

// IsServer reports whether contacts come from a server, and not from a file.
func IsServer(address string) bool { return contacts.IsServer(address) }

// HasServerPassword reports whether the keyring has the password for an address of contacts.
func HasServerPassword(ctx context.Context, address string) bool {
	s, err := contacts.ParseServer(address)
	if err == nil {
		_, err = account.Password(ctx, serverAccount(s.URL.Host, s.User))
	}
	return err == nil
}

// KeepServerPassword stores the password for an address of contacts in the keyring; "" removes it.
func KeepServerPassword(ctx context.Context, address, password string) error {
	s, err := contacts.ParseServer(address)
	switch {
	case err != nil:
		return sourceError(address, err)
	case s.User == "":
		return nil
	case password == "":
		return account.DeletePassword(ctx, serverAccount(s.URL.Host, s.User))
	}
	return account.SetPassword(ctx, serverAccount(s.URL.Host, s.User), password)
}

// forgetServer removes the password of a removed source from the keyring, unless another source needs it.
func forgetServer(ctx context.Context, book *contacts.Book, address string) error {
	s, err := contacts.ParseServer(address)
	if err != nil || s.User == "" {
		return nil
	}
	left, err := book.Sources(ctx)
	if err != nil {
		return unreadableContacts(err)
	}
	for _, src := range left {
		if o, err := contacts.ParseServer(src.Address); err == nil && contacts.IsServer(src.Address) && o.User == s.User && o.URL.Hostname() == s.URL.Hostname() {
			return nil
		}
	}
	return account.DeletePassword(ctx, serverAccount(s.URL.Host, s.User))
}

// Imported returns a message about importing the contacts of a source.
func Imported(address string, report contacts.Report) text.Message {
	m := text.New("imported", "Read {{.Kept}} of {{.Read}} contacts from {{.File}}.", "Kept", strconv.Itoa(report.Kept), "Read", strconv.Itoa(report.Read), "File", text.Plain(address, 200))
	for _, d := range []struct {
		why  contacts.Reason
		said string
	}{
		{contacts.NoNumber, "Left out without a number: {{.Count}}."}, {contacts.NoName, "Left out without a name: {{.Count}}."},
		{contacts.Fax, "Left out fax numbers: {{.Count}}."}, {contacts.NotANumber, "Left out what is no number: {{.Count}}."},
		{contacts.Unreadable, "Left out unreadable: {{.Count}}."}, {contacts.IsGroup, "Left out groups: {{.Count}}."}, {contacts.TooMany, "Left out as too many: {{.Count}}."},
	} {
		if n := report.Dropped[d.why]; n > 0 {
			m = m.And(text.Message{Code: "left-out", English: d.said, Values: map[string]string{"Count": strconv.Itoa(n)}})
		}
	}
	return m
}

// sourceError returns the sentence about a source that cannot be read.
func sourceError(address string, err error) error {
	var failed *contacts.SourceError
	if !errors.As(err, &failed) {
		return unreadableContacts(err)
	}
	cause := ""
	if failed.Err != nil {
		cause = failed.Err.Error()
	}
	return &text.Error{Err: err, Message: SourceTrouble(address, string(failed.Trouble), cause)}
}

// SourceTrouble returns the sentence about a problem, a contacts.Trouble, with the source at an address.
func SourceTrouble(address, trouble, cause string) text.Message {
	values := map[string]string{"File": text.Plain(address, 200), "Cause": text.Plain(cause, text.MaxWords)}
	said, known := troubles[contacts.Trouble(trouble)]
	if !known {
		said = troubles[contacts.Unclear]
	}
	return text.Message{Code: "source-" + trouble, English: said.English, Values: values}
}

// troubles are the sentences about sources.
var troubles = map[contacts.Trouble]text.Message{
	contacts.Unclear:     text.New("", "The contacts cannot be read from {{.File}} ({{.Cause}}): look at it, and try again."),
	contacts.Missing:     text.New("", "There is no file {{.File}}: look at its name."),
	contacts.NoContacts:  text.New("", "{{.File}} holds no contacts: export them as CSV with a line of headings, or as vCard."),
	contacts.BadAddress:  text.New("", "This is not an address: write https://user@host/ for CardDAV, or ldaps://user@host/base for LDAP."),
	contacts.Plain:       text.New("", "The password would travel unencrypted: write https:// in place of http://."),
	contacts.HasPassword: text.New("", "There is a password in the address: leave it out. Calltray asks for it, and keeps it in the keyring."),
	contacts.NoPassword:  text.New("", "The keyring has no password for {{.File}}: add it again, and type the password."),
	contacts.Denied:      text.New("", "{{.File}} does not accept the user or the password ({{.Cause}}): add it again with the right ones."),
	contacts.Unreachable: text.New("", "{{.File}} cannot be reached ({{.Cause}}): look at the address and at the network."),
	contacts.Slow:        text.New("", "{{.File}} takes too long to answer: try again later."),
	contacts.Untrusted:   text.New("", "The certificate of {{.File}} cannot be verified, so the password was not sent ({{.Cause}}): ask whoever runs the server."),
	contacts.Elsewhere:   text.New("", "{{.File}} sends Calltray to another address ({{.Cause}}): use that one if you trust it."),
	contacts.NotFound:    text.New("", "There is no address book at {{.File}}: ask whoever runs the server for the whole address."),
	contacts.Nonsense:    text.New("", "{{.File}} does not answer as a server of contacts does ({{.Cause}}): look at the address."),
	contacts.TooLarge:    text.New("", "{{.File}} holds more than Calltray can read ({{.Cause}}): choose a smaller address book."),
	contacts.OtherTable:  text.New("", "{{.File}} has other columns than before, and its contacts are kept: choose the columns again."),
	contacts.Emptied:     text.New("", "{{.File}} has no contacts any more; those that it had are kept. If that is right, remove it."),
}

func unreadableContacts(err error) error {
	return &text.Error{Err: err, Message: text.New("contacts-unreadable", "The contacts cannot be read: {{.Cause}}.", "Cause", text.Plain(err.Error(), text.MaxWords))}
}
