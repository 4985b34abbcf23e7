package proxywasm

import (
	"fmt"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"
)

func LogTrace(msg string)    { abi.Log(abi.LevelTrace, msg) }
func LogDebug(msg string)    { abi.Log(abi.LevelDebug, msg) }
func LogInfo(msg string)     { abi.Log(abi.LevelInfo, msg) }
func LogWarn(msg string)     { abi.Log(abi.LevelWarn, msg) }
func LogError(msg string)    { abi.Log(abi.LevelError, msg) }
func LogCritical(msg string) { abi.Log(abi.LevelCritical, msg) }

func LogTracef(format string, args ...any)    { LogTrace(fmt.Sprintf(format, args...)) }
func LogDebugf(format string, args ...any)    { LogDebug(fmt.Sprintf(format, args...)) }
func LogInfof(format string, args ...any)     { LogInfo(fmt.Sprintf(format, args...)) }
func LogWarnf(format string, args ...any)     { LogWarn(fmt.Sprintf(format, args...)) }
func LogErrorf(format string, args ...any)    { LogError(fmt.Sprintf(format, args...)) }
func LogCriticalf(format string, args ...any) { LogCritical(fmt.Sprintf(format, args...)) }
