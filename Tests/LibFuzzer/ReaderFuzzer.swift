import Foundation

// What libFuzzer calls. A program by itself (`make libfuzzer`): the library brings its own `main`.
//
// ASCEND_FUZZ_READER names the reader; with ASCEND_FUZZ_SEEDS, sound inputs are written into that folder first, for
// libFuzzer to begin with.

private let reader: FuzzedReader? = {
  let name = ProcessInfo.processInfo.environment["ASCEND_FUZZ_READER"] ?? ""
  return FuzzedReader.all.first { $0.name == name }
}()

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer, _ arguments: UnsafeMutableRawPointer) -> CInt {
  guard let reader else {
    print("ASCEND_FUZZ_READER is one of: \(FuzzedReader.all.map(\.name).joined(separator: " "))")
    exit(2)
  }
  if let folder = ProcessInfo.processInfo.environment["ASCEND_FUZZ_SEEDS"] {
    for (number, seed) in reader.seeds().enumerated() {
      try? Data(seed).write(to: URL(fileURLWithPath: "\(folder)/seed\(number)"))
    }
  }
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  // Every error is an answer. What is looked for is a trap, a hang, memory without end.
  _ = try? reader?.read(Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}
