package cli

import (
	"bytes"
	"crypto/x509"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/app"
	"calltray/internal/control"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/notify"
)

// exportedErrors has a value of every exported error of these packages, by package and name.
var exportedErrors = map[string]map[string]error{
	"cstasession/csta": {
		"ErrOffline": csta.ErrOffline, "ErrLoginRefused": csta.ErrLoginRefused, "ErrNoAnswer": csta.ErrNoAnswer, "ErrNoEffect": csta.ErrNoEffect,
		"ErrCallEnded": csta.ErrCallEnded, "ErrTooLarge": csta.ErrTooLarge, "ErrProtocol": csta.ErrProtocol, "ErrSessionTerminated": csta.ErrSessionTerminated,
		"ErrClosedAtLogin": csta.ErrClosedAtLogin, "ErrAccountInUse": csta.ErrAccountInUse, "ErrMonitorLost": csta.ErrMonitorLost, "ErrWasOnline": csta.ErrWasOnline, "ErrGap": csta.ErrGap, "ErrConfig": csta.ErrConfig, "ErrTLSVersion": csta.ErrTLSVersion, "ErrTLSCipher": csta.ErrTLSCipher,
		"ErrCertificateBroken": csta.ErrCertificateBroken, "ErrNoWebSocket": csta.ErrNoWebSocket, "ErrProxyScheme": csta.ErrProxyScheme, "ErrWebPage": csta.ErrWebPage,
		"LoginError": &csta.LoginError{ServiceError: &csta.ServiceError{Value: "locked"}}, "OtherHostError": &csta.OtherHostError{Entered: "a.dk", Host: "b.dk"},
		"PinError": &csta.PinError{}, "ProxyError": &csta.ProxyError{Proxy: "proxy", Code: 407}, "RequestError": &csta.RequestError{Service: "HoldCall", Err: csta.ErrNoEffect},
		"ServiceError": &csta.ServiceError{Service: "HoldCall", Value: "odd"}, "StatusError": &csta.StatusError{Code: 502},
	},
	"cstasession": {},
	"internal/account": {
		"ErrNoPassword": account.ErrNoPassword, "ErrKeyringUnavailable": account.ErrKeyringUnavailable, "ErrKeyringLocked": account.ErrKeyringLocked, "ErrIgnored": account.ErrIgnored,
		"FieldError": &account.FieldError{Why: "The user ID is missing."}, "FieldErrors": account.Settings{}.Check(), "FileError": &account.FileError{Path: "settings.toml", Line: 2, Why: "It cannot be read."},
	},
	"internal/control":  {"ErrRunning": control.ErrRunning, "ErrNotRunning": control.ErrNotRunning, "ErrNoAnswer": control.ErrNoAnswer, "ErrTooLong": control.ErrTooLong},
	"internal/dialplan": {"ErrNotDialable": dialplan.ErrNotDialable, "Error": &dialplan.Error{Why: "There is no number in it: type a number."}},
	"internal/text":     {"ErrNotShown": text.ErrNotShown, "Error": text.Errorf("usage", "Usage: calltray {{.Usage}}.", "Usage", "x")},
	"notify":            {"ErrNoService": notify.ErrNoService, "ErrNoAnswer": notify.ErrNoAnswer, "ErrClosed": notify.ErrClosed},
	"internal/app":      {}, "internal/command": {}, "internal/support": {}, "internal/wake": {}, "internal/cli": {}, "ui": {}, "ui/native": {},
}

// Every error that a package hands out has a sentence of its own: none is something that Calltray does not know.
func TestEveryExportedErrorHasASentence(t *testing.T) {
	unknown := text.Explain(errors.New("something new"))
	for folder, values := range exportedErrors {
		found := exportedErrorNames(t, filepath.Join("..", "..", filepath.FromSlash(folder)))
		for _, name := range found {
			err, listed := values[name]
			switch got := text.Explain(err); {
			case !listed:
				t.Errorf("%s.%s is not in the table of this test", folder, name)
			case got == "" || got == unknown || !strings.HasSuffix(got, "."):
				t.Errorf("%s.%s: %q", folder, name, got)
			}
		}
		if len(found) != len(values) {
			t.Errorf("%s has %d errors, the table %d", folder, len(found), len(values))
		}
	}
}

// exportedErrorNames returns the names of variables Err... and of types with a method Error.
func exportedErrorNames(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources in %s: %v", folder, err)
	}
	seen := map[string]bool{}
	add := func(name string) {
		if ast.IsExported(name) && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil || d.Name.Name != "Error" || d.Type.Params.NumFields() != 0 {
					continue
				}
				of := d.Recv.List[0].Type
				if star, ok := of.(*ast.StarExpr); ok {
					of = star.X
				}
				if id, ok := of.(*ast.Ident); ok {
					add(id.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch v := spec.(type) {
					case *ast.ValueSpec:
						for _, name := range v.Names {
							if d.Tok == token.VAR && strings.HasPrefix(name.Name, "Err") {
								add(name.Name)
							}
						}
					case *ast.TypeSpec: // an error by what it embeds
						if st, ok := v.Type.(*ast.StructType); ok {
							for _, field := range st.Fields.List {
								star, ok := field.Type.(*ast.StarExpr)
								if ok && len(field.Names) == 0 {
									if id, ok := star.X.(*ast.Ident); ok && strings.HasSuffix(id.Name, "Error") {
										add(v.Name.Name)
									}
								}
							}
						}
					}
				}
			}
		}
	}
	return names
}

// A certificate with a common name only, a full disk: the other errors that public reports name.
func TestErrorsOfThePackagesBelow(t *testing.T) {
	unknown := text.Explain(errors.New("something new"))
	for _, err := range []error{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}, x509.UnknownAuthorityError{}, io.EOF, io.ErrUnexpectedEOF, os.ErrDeadlineExceeded} {
		if got := text.Explain(err); got == unknown {
			t.Errorf("%v: %q", err, got)
		}
	}
}

// full is a disk that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// An output that takes nothing is a sentence and exit code 1, for help and version too.
func TestFullOutput(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	for _, args := range [][]string{{"--version"}, {"--help"}, {"queue", "--help"}} {
		var stderr bytes.Buffer
		code := Run(t.Context(), app.Platform{}, args, strings.NewReader(""), full{}, &stderr)
		if want := "calltray: The output cannot be written (no space left on device).\n"; code != 1 || stderr.String() != want {
			t.Errorf("%q: exit code %d, %q", args, code, &stderr)
		}
	}
	if runtime.GOOS != "linux" {
		return
	}
	device, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	var stderr bytes.Buffer
	if code := Run(t.Context(), app.Platform{}, []string{"--version"}, strings.NewReader(""), device, &stderr); code != 1 || !strings.HasSuffix(stderr.String(), ").\n") {
		t.Errorf("/dev/full: exit code %d, %q", code, &stderr)
	}
}
