package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"calltray/cstasession/csta"
)

// Frames splits a byte stream into frames that end with a delimiter. It works on bytes: a character may be
// split between two reads.
type Frames struct {
	r     *bufio.Reader
	delim byte
	limit int
}

// NewFrames splits what r delivers at each delim; a frame has at most limit bytes.
func NewFrames(r io.Reader, delim byte, limit int) *Frames {
	return &Frames{r: bufio.NewReaderSize(r, 16<<10), delim: delim, limit: limit}
}

const blank = " \t\r\n"

// Next returns the next frame without its delimiter, skipping frames that are empty or only white space. White
// space before a frame, and a run of it longer than the buffer, is not kept and does not count. The error is
// io.EOF at a clean end, io.ErrUnexpectedEOF within a frame, and wraps ErrTooLarge for a frame over the limit,
// after which the stream cannot be used.
func (f *Frames) Next() ([]byte, error) {
	var frame []byte
	for {
		part, err := f.r.ReadSlice(f.delim)
		if len(frame) == 0 || len(bytes.Trim(part, blank+string(f.delim))) == 0 {
			part = bytes.TrimLeft(part, blank)
		}
		if len(frame)+len(part) > f.limit+1 {
			return nil, fmt.Errorf("%w: more than %d bytes without an end, the limit is %d", csta.ErrTooLarge, len(frame)+len(part)-1, f.limit)
		}
		frame = append(frame, part...)
		switch {
		case err == nil:
			if frame = bytes.TrimSpace(frame[:len(frame)-1]); len(frame) > 0 {
				return frame, nil
			}
			frame = nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(bytes.TrimSpace(frame)) > 0:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}
