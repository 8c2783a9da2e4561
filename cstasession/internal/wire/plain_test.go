package wire

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// fixtures calls with each fixture of a folder of the session's.
func fixtures(t testing.TB, folder string, with func(name string, content []byte)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "wire", folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures in", folder)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		with(filepath.Base(file), content)
	}
}

// TestPlainIsUsual: the documented messages are read in one pass.
func TestPlainIsUsual(t *testing.T) {
	for folder, plain := range map[string]func([]byte) bool{
		"xml":  func(b []byte) bool { _, ok := plainXML(b); return ok },
		"json": func(b []byte) bool { _, ok := plainJSON("x", b); return ok },
	} {
		fixtures(t, folder, func(name string, content []byte) {
			if !plain(content) {
				t.Errorf("%s/%s is not read in one pass", folder, name)
			}
		})
	}
}

// samePlain fails if what one pass reads is not what the general decoders read.
func samePlain(t *testing.T, doc []byte) {
	if got, ok := plainXML(doc); ok {
		if want, err := decodeAnyXML(doc); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("XML %q\ngot  %+v\nwant %+v %v", doc, got, want, err)
		}
	}
	if got, ok := plainJSON("DeliveredEvent", doc); ok {
		if want, err := decodeAnyJSON("DeliveredEvent", doc); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("JSON %q\ngot  %+v\nwant %+v %v", doc, got, want, err)
		}
	}
}

// TestPlainEdges: what is near the border of the plain part reads the same by both roads.
func TestPlainEdges(t *testing.T) {
	for _, doc := range []string{
		"<a>x</a>", "<a/>", "<a />", "<a></a >", "<p:a>x</p:a>", "<p:a>x</q:a>", "<a:>x</a:>", "<:a/>", "<a:b:c/>", "<1/>",
		"\ufeff<a>x</a>", "<?xml version='1.1' encoding='utf-16'?>\r\n<a>x</a>\r\n", "<?xml?><a/>", "<?xml ?><?xml ?><a/>", "<?xml >?><a/>", "<?xmlx?><a/>",
		"<a b='1' c:d=\"'>]]>\"/>", "<a b='1'c='2'/>", "<a b=1/>", "<a b/>", "<a b = '1'/>", "<a b='<'/>", "<a b='&amp;'/>",
		"<a>x<b/></a>", "<a><b/>x</a>", "<a> \u00a0<b/>\u0085 </a>", "<a>\u00a0x\u0085</a>", "<a>x\r\ny</a>", "<a>\r\nx\r\n</a>", "<a>]]></a>", "<a>]</a>", "<a>></a>",
		"<a>&lt;&amp;&gt;&quot;&apos;</a>", "<a>&amp;amp;</a>", "<a> &lt; </a>", "<a>&LT;</a>", "<a>&amp</a>", "<a>&aelig;</a>", "<a>&#9;</a>", "<a>&;</a>", "<a>&<b/></a>", "<a>&</a>", "<a><!-- b --></a>", "<a><![CDATA[b]]></a>", "<a><?b?></a>", "<!DOCTYPE a><a/>", "x<a/>", "<a/>x", "<a/><b/>", "<a>", "<a><b></a>", "</a>", "", "<", "<a", "<a ", "<a/", "<a>x", "<a>x<", "<a>x</", "<a>x</a",
		"<a>\ufffe</a>", "<a>\uffff</a>", "<a>\ufffd</a>", "<a>\x01</a>", "<a>\xff</a>", "<a\x00/>", "<æ/>", "<aæ/>", "<a æ='1'/>",
		strings.Repeat("<a>", MaxDepth) + strings.Repeat("</a>", MaxDepth), strings.Repeat("<a>", MaxDepth+1) + strings.Repeat("</a>", MaxDepth+1),
		"<a>" + strings.Repeat("<b/>", 3*plainSlab) + "<c><d/></c></a>",
		`{}`, ` { } `, `{"a":"x"}`, `{"a":" x\u00a0"}`, "{\"a\":\"\u00a0x\u0085\"}", "{\"a\":\"x\ty\"}", `{"a":1,"b":-0.5e+3,"c":0}`, `{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":1E5}`, `{"a":+1}`, `{"a":1_0}`,
		`{"a":true,"b":false,"c":null}`, `{"a":truex}`, `{"a":nul}`, `{"a":[1,[2,"x"],{"b":3}],"c":[]}`, `{"a":[1,]}`, `{"a":1,}`, `{,}`, `{"a" : 1 , "b":2}`, `{"a"}`, `{a:1}`, `{"p:a":{"q:b":"x"}}`, `{"":1}`, `{"a":1,"a":2}`,
		`{} {}`, `{}x`, `[]`, `[{}]`, `null`, `"x"`, `{"a":"\""}`, `{"a":"\\"}`, `{"a":"\u00e6\/\n"}`, `{"a":"\ud83d"}`, `{"a":"\x"}`, `{"a":"\`, `{"a":"\"`, `{"\u0061":1}`, "{\"a\":\"\\\t\"}", "{\"a\":\"\xff\"}", "\ufeff{}", `{"a":"`, `{"a":[`, `{"a":{`, `{"a":1`, `{`, `{"DeliveredEvent":{"DeliveredEvent":1}}`,
		`{"a":` + strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth) + `}`, `{"a":` + strings.Repeat("[", MaxDepth-1) + strings.Repeat("]", MaxDepth-1) + `}`,
	} {
		samePlain(t, []byte(doc))
	}
}

// FuzzPlain: reading in one pass changes neither what is accepted nor what it is.
func FuzzPlain(f *testing.F) {
	for _, folder := range []string{"xml", "json", "bad"} {
		fixtures(f, folder, func(_ string, content []byte) { f.Add(content) })
	}
	f.Fuzz(samePlain)
}

func BenchmarkDecode(b *testing.B) {
	read := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join("..", "..", "testdata", "wire", name))
		if err != nil {
			b.Fatal(err)
		}
		return content
	}
	xml, json := read("xml/DeliveredEvent.incoming.xml"), read("json/DeliveredEvent.incoming.json")
	for name, decode := range map[string]func() (Element, error){
		"xml/plain": func() (Element, error) { return DecodeXML(xml) }, "xml/any": func() (Element, error) { return decodeAnyXML(xml) },
		"json/plain": func() (Element, error) { return DecodeJSON("DeliveredEvent", json) }, "json/any": func() (Element, error) { return decodeAnyJSON("DeliveredEvent", json) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
