//go:build race

package journal

func init() { killed = 50 } // a start takes four times as long
