package dialplan

import (
	"fmt"
	"regexp"
	"strings"
)

// Rule changes a number that matches a pattern.
type Rule struct {
	Pattern     string // a regular expression (RE2, pkg.go.dev/regexp/syntax) for a part of the number or, with ^ and $, for all of it
	Replacement string // what replaces the part; $1 is the first group's match
}

// The limits of the user's rules.
const (
	MaxRules   = 50
	maxPattern = 200 // bytes
)

// Title returns the rule's name for the user.
func (r Rule) Title() string {
	return excerpt(r.Pattern + " " + arrow + " " + r.Replacement)
}

// Check returns a sentence that says why the rule is invalid, "" if it is valid.
func (r Rule) Check() string {
	switch _, err := regexp.Compile(r.Pattern); {
	case r.Pattern == "":
		return "The rule has no pattern: write one, for example ^0045."
	case len(r.Pattern) > maxPattern || len(r.Replacement) > maxPattern:
		return fmt.Sprintf("A pattern has at most %d characters: make two rules of it.", maxPattern)
	case err != nil:
		return "The pattern cannot be read: look at its brackets."
	}
	return ""
}

// Apply returns the number after applying the rule, and whether its pattern matches. An invalid rule matches
// nothing.
func (r Rule) Apply(number string) (after string, hit bool) {
	if r.Check() != "" || len(number) > maxLink {
		return number, false
	}
	pattern := regexp.MustCompile(r.Pattern) // Check has already compiled it
	if !pattern.MatchString(number) {
		return number, false
	}
	return pattern.ReplaceAllString(number, r.Replacement), true
}

// arrow separates the pattern of a written rule from its replacement.
const arrow = "=>"

// ParseRules parses rules as people write them, one per line: "^0045 => +45". Empty lines and those that begin
// with # are ignored. why is a sentence about the first invalid line, "" if all are valid.
func ParseRules(text string) (rules []Rule, why string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		pattern, replacement, ok := strings.Cut(line, arrow)
		r := Rule{Pattern: strings.TrimSpace(pattern), Replacement: strings.TrimSpace(replacement)}
		if why := r.Check(); !ok || why != "" {
			if !ok {
				why = "A rule is written like ^0045 => +45: a pattern, an arrow, and what it becomes."
			}
			return rules, why
		}
		if len(rules) == MaxRules {
			return rules, fmt.Sprintf("There can be %d rules: delete some.", MaxRules)
		}
		rules = append(rules, r)
	}
	return rules, ""
}
