//go:build ignore

// Render makes the PNG files of package assets from its drawings.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"log"
	"os"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"

	"calltray/assets"
)

func main() {
	for _, i := range assets.Icons() {
		write(string(i)+".png", i.SVG(false), 64)
		write(string(i)+"-dark.png", i.SVG(true), 64)
	}
	for _, size := range assets.AppSizes() {
		write(fmt.Sprintf("calltray-%d.png", size), assets.AppSVG(), size)
	}
}

// write renders a drawing, size by size pixels, into a file of the folder icons.
func write(name string, svg []byte, size int) {
	icon, err := oksvg.ReadIconStream(bytes.NewReader(svg))
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	icon.SetTarget(0, 0, float64(size), float64(size))
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	icon.Draw(rasterx.NewDasher(size, size, rasterx.NewScannerGV(size, size, img, img.Bounds())), 1)

	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, img); err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	if err := os.WriteFile("icons/"+name, out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
