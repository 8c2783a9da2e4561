package wire_test

import (
	"reflect"
	"strings"
	"testing"

	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/wire"
)

// TestPlainIsUsual: the documented messages are read in one pass.
func TestPlainIsUsual(t *testing.T) {
	for folder, plain := range map[string]func([]byte) bool{
		"xml":  func(b []byte) bool { _, ok := wire.PlainXML(b); return ok },
		"json": func(b []byte) bool { _, ok := wire.PlainJSON("x", b); return ok },
	} {
		for _, name := range fixture.Names(t, folder) {
			if !plain(fixture.Read(t, name)) {
				t.Errorf("%s is not read in one pass", name)
			}
		}
	}
}

// samePlain fails if what one pass reads is not what the general decoders read.
func samePlain(t *testing.T, doc []byte) {
	if got, ok := wire.PlainXML(doc); ok {
		if want, err := wire.DecodeAnyXML(doc); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("XML %q\ngot  %+v\nwant %+v %v", doc, got, want, err)
		}
	}
	if got, ok := wire.PlainJSON("DeliveredEvent", doc); ok {
		if want, err := wire.DecodeAnyJSON("DeliveredEvent", doc); err != nil || !reflect.DeepEqual(got, want) {
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
		strings.Repeat("<a>", wire.MaxDepth) + strings.Repeat("</a>", wire.MaxDepth), strings.Repeat("<a>", wire.MaxDepth+1) + strings.Repeat("</a>", wire.MaxDepth+1),
		"<a>" + strings.Repeat("<b/>", 3*wire.PlainSlab) + "<c><d/></c></a>",
		`{}`, ` { } `, `{"a":"x"}`, `{"a":" x\u00a0"}`, "{\"a\":\"\u00a0x\u0085\"}", "{\"a\":\"x\ty\"}", `{"a":1,"b":-0.5e+3,"c":0}`, `{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":1E5}`, `{"a":+1}`, `{"a":1_0}`,
		`{"a":true,"b":false,"c":null}`, `{"a":truex}`, `{"a":nul}`, `{"a":[1,[2,"x"],{"b":3}],"c":[]}`, `{"a":[1,]}`, `{"a":1,}`, `{,}`, `{"a" : 1 , "b":2}`, `{"a"}`, `{a:1}`, `{"p:a":{"q:b":"x"}}`, `{"":1}`, `{"a":1,"a":2}`,
		`{} {}`, `{}x`, `[]`, `[{}]`, `null`, `"x"`, `{"a":"\""}`, `{"a":"\\"}`, `{"a":"\u00e6\/\n"}`, `{"a":"\ud83d"}`, `{"a":"\x"}`, `{"a":"\`, `{"a":"\"`, `{"\u0061":1}`, "{\"a\":\"\\\t\"}", "{\"a\":\"\xff\"}", "\ufeff{}", `{"a":"`, `{"a":[`, `{"a":{`, `{"a":1`, `{`, `{"DeliveredEvent":{"DeliveredEvent":1}}`,
		`{"a":` + strings.Repeat("[", wire.MaxDepth) + strings.Repeat("]", wire.MaxDepth) + `}`, `{"a":` + strings.Repeat("[", wire.MaxDepth-1) + strings.Repeat("]", wire.MaxDepth-1) + `}`,
	} {
		samePlain(t, []byte(doc))
	}
}

// FuzzPlain: reading in one pass changes neither what is accepted nor what it is.
func FuzzPlain(f *testing.F) {
	for _, folder := range []string{"xml", "json", "bad"} {
		for _, name := range fixture.Names(f, folder) {
			f.Add(fixture.Read(f, name))
		}
	}
	f.Fuzz(samePlain)
}

func BenchmarkDecode(b *testing.B) {
	xml, json := fixture.Read(b, "xml/DeliveredEvent.incoming.xml"), fixture.Read(b, "json/DeliveredEvent.incoming.json")
	for name, decode := range map[string]func() (wire.Element, error){
		"xml/plain": func() (wire.Element, error) { return wire.DecodeXML(xml) }, "xml/any": func() (wire.Element, error) { return wire.DecodeAnyXML(xml) },
		"json/plain": func() (wire.Element, error) { return wire.DecodeJSON("DeliveredEvent", json) }, "json/any": func() (wire.Element, error) { return wire.DecodeAnyJSON("DeliveredEvent", json) },
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
