// Package docs contains the user's guide, in each language, which the program can show without a network.
package docs

import (
	"embed"
	"path"
)

//go:embed guide.md vejledning.md pictures
var files embed.FS

// Guide returns the guide in a language, "da" or "en", in Markdown: paragraphs, headings, lists and lines that are
// one picture each.
func Guide(language string) string {
	name := "guide.md"
	if language == "da" {
		name = "vejledning.md"
	}
	text, _ := files.ReadFile(name) // it is embedded
	return string(text)
}

// Picture returns a picture of the guide by its name in the guide, such as "pictures/popup-en.png".
func Picture(name string) ([]byte, error) { return files.ReadFile(path.Clean(name)) }
