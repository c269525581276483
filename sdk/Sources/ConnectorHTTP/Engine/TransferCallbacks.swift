import CCurl
import Foundation

/// The functions that libcurl calls, on the engine's thread, with the transfer that the handle belongs to.
enum TransferCallbacks {
  static func attach(_ handle: UnsafeMutableRawPointer, to transfer: Transfer) {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    for option in [CURLOPT_READDATA, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_SEEKDATA, CURLOPT_PREREQDATA] {
      ccurl_set_pointer(handle, option, context)
    }
    ccurl_set_bytes_function(handle, CURLOPT_READFUNCTION) { buffer, size, count, context in
      guard let transfer = TransferCallbacks.transfer(context) else { return Int(CURL_READFUNC_ABORT) }
      return transfer.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
    }
    ccurl_set_bytes_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      let given = UnsafeRawBufferPointer(start: bytes, count: size * count)
      switch TransferCallbacks.transfer(context)?.receive(given) {
      case true?: return given.count
      case nil: return Int(CURL_WRITEFUNC_PAUSE)
      // Another number than was given ends the transfer.
      case false?: return given.isEmpty ? 1 : 0
      }
    }
    ccurl_set_bytes_function(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return TransferCallbacks.transfer(context)?.receiveHeader(line) == true ? line.count : 0
    }
    ccurl_set_seek_function(handle) { context, offset, _ in
      TransferCallbacks.transfer(context)?.rewind(to: Int64(offset)) ?? CURL_SEEKFUNC_FAIL
    }
    ccurl_set_ready_function(handle) { context, _, _, _, _ in
      TransferCallbacks.transfer(context)?.connected()
      return CURL_PREREQFUNC_OK
    }
  }

  private static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}
