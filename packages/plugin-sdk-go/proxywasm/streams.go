package proxywasm

import "github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"

// SendHttpResponse answers the request here. gRPCStatus -1 means none. Return ActionPause afterwards.
func SendHttpResponse(
	statusCode uint32, headers [][2]string, body []byte, gRPCStatus int32,
) error {
	return abi.SendLocalResponse(statusCode, headers, body, gRPCStatus)
}

// ResumeHttpRequest lets a paused request go on.
func ResumeHttpRequest() error { return abi.ContinueStream(abi.StreamRequest) }

// ResumeHttpResponse lets a paused response go on.
func ResumeHttpResponse() error { return abi.ContinueStream(abi.StreamResponse) }

// ContinueTcpStream lets a paused connection go on.
func ContinueTcpStream() error { return abi.ContinueStream(abi.StreamDownstream) }

func CloseDownstream() error { return abi.CloseStream(abi.StreamDownstream) }
func CloseUpstream() error   { return abi.CloseStream(abi.StreamUpstream) }
