package proxywasm

import "github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"

// GetProperty returns an attribute's bytes: text as it is, numbers as 8 bytes little-endian.
func GetProperty(path []string) ([]byte, error) { return abi.Property(path) }

// GetPropertyMap returns an attribute that is a map, such as request.headers.
func GetPropertyMap(path []string) ([][2]string, error) {
	block, err := abi.Property(path)
	if err != nil {
		return nil, err
	}
	return abi.DecodePairs(block)
}

// SetProperty stores bytes in the stream, for this plugin, later filters and the access log.
func SetProperty(path []string, data []byte) error { return abi.SetProperty(path, data) }
