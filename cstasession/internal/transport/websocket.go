package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/coder/websocket"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// maxWebSocket limits a WebSocket message, in bytes. It may contain many records.
const maxWebSocket = 16 << 20

// webSocket is a hubSocket over a WebSocket.
type webSocket struct {
	conn   *websocket.Conn
	secret wire.Scrubber // cleans the server's closing text
}

// dialWebSocket requests a WebSocket from the web server that a ticket leads to.
func dialWebSocket(ctx context.Context, w *web, t ticket) (hubSocket, error) {
	dial, cancel := context.WithTimeout(ctx, DialLimit+answerLimit)
	defer cancel()
	dial, asked := answerWithin(dial)
	defer asked.stop()
	conn, answer, err := websocket.Dial(dial, t.address.String(), &websocket.DialOptions{HTTPClient: w.client, HTTPHeader: t.header()})
	switch {
	case err != nil && answer != nil:
		return nil, asked.refusal(answer, notUpgraded(answer, err))
	case err != nil:
		return nil, asked.failure(ctx, err)
	}
	conn.SetReadLimit(maxWebSocket)
	return &webSocket{conn, w.opts.Secret}, nil
}

// notUpgraded returns why there is no WebSocket.
func notUpgraded(answer *http.Response, err error) error {
	switch answer.StatusCode {
	case http.StatusSwitchingProtocols:
		return fmt.Errorf("%w: its upgrade to a WebSocket is not one", csta.ErrProtocol)
	case http.StatusOK, http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusUpgradeRequired, http.StatusNotImplemented:
		return fmt.Errorf("%w (%d %s)", csta.ErrNoWebSocket, answer.StatusCode, http.StatusText(answer.StatusCode))
	}
	return statusError(answer)
}

// Read returns the next message.
func (s *webSocket) Read(ctx context.Context) ([]byte, error) {
	_, data, err := s.conn.Read(ctx)
	if err != nil {
		return nil, s.parting(err)
	}
	return data, nil
}

// parting returns why the WebSocket broke, in our own words if the server's text is part of the error.
func (s *webSocket) parting(err error) error {
	var closed websocket.CloseError
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		return fmt.Errorf("%w: a WebSocket message of more than %d bytes", csta.ErrTooLarge, maxWebSocket)
	case errors.As(err, &closed):
		return farewell(s.secret, closed.Reason)
	}
	return err
}

// Write sends one message.
func (s *webSocket) Write(ctx context.Context, record []byte) error {
	return s.conn.Write(ctx, websocket.MessageText, record)
}

// Close closes without a farewell: a peer that is gone would not answer it.
func (s *webSocket) Close() { s.conn.CloseNow() }
