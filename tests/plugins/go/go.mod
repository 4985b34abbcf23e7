module legate.test/plugins

go 1.24

require github.com/proxy-wasm/proxy-wasm-go-sdk v0.0.0

replace github.com/proxy-wasm/proxy-wasm-go-sdk => ../../../packages/plugin-sdk-go
