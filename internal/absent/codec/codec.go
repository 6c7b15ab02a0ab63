package codec

import (
	"errors"
	"io"
)

var errAbsent = errors.New("codec: this program has no MessagePack")

// MsgpackHandle configures nothing.
type MsgpackHandle struct{}

// Encoder writes nothing.
type Encoder struct{}

// Decoder reads nothing.
type Decoder struct{}

// NewEncoder returns an encoder that fails.
func NewEncoder(io.Writer, *MsgpackHandle) *Encoder { return &Encoder{} }

// NewDecoder returns a decoder that fails.
func NewDecoder(io.Reader, *MsgpackHandle) *Decoder { return &Decoder{} }

// Encode writes nothing.
func (*Encoder) Encode(any) error { return errAbsent }

// Decode reads nothing.
func (*Decoder) Decode(any) error { return errAbsent }
