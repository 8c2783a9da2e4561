package wire

// The two ways of decoding, for tests outside the package: those can use package fixture, which imports this one.
var PlainXML, PlainJSON, DecodeAnyXML, DecodeAnyJSON = plainXML, plainJSON, decodeAnyXML, decodeAnyJSON

// PlainSlab is plainSlab.
const PlainSlab = plainSlab
