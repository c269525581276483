import AWSClient
import Foundation

/// A program that runs beside a test and ends with it, however that ends: its standard input closes.
public final class Child: Sendable {
  private let process = Process()
  private let input = Pipe()

  /// The first line that it prints.
  public let greeting: String

  /// - Throws: `ChildFailure` where it ends without a line.
  public init(_ program: String, _ arguments: [String], log: String) throws {
    let output = Pipe()
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data([10]) {
      line += byte
    }
    guard !line.isEmpty else {
      let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      throw ChildFailure("\(program) ended at once: \(said.suffix(500))")
    }
    greeting = String(decoding: line, as: UTF8.self)
  }

  /// Waits for the first line off the cooperative threads: other tests go on meanwhile.
  static func started(_ program: String, _ arguments: [String], log: String) async throws -> Child {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try Child(program, arguments, log: log) })
      }
    }
  }

  public var processID: Int32 { process.processIdentifier }

  deinit { end() }

  public func end() {
    try? input.fileHandleForWriting.close()
    if process.isRunning { process.terminate() }
  }
}

public struct ChildFailure: Error, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}

/// Runs a program to its end, off the cooperative threads; its exit code and output.
@discardableResult
public func tool(
  _ program: String, _ arguments: [String]
) async throws -> (code: Int32, output: String, error: String) {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async {
      continuation.resume(
        with: Result {
          let folder = try Scratch()
          let files = ["out", "err"].map { folder.file($0) }
          for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
          let process = Process()
          process.executableURL = URL(filePath: program.hasPrefix("/") ? program : "/usr/bin/env")
          process.arguments = program.hasPrefix("/") ? arguments : [program] + arguments
          process.standardInput = FileHandle.nullDevice
          process.standardOutput = FileHandle(forWritingAtPath: files[0])
          process.standardError = FileHandle(forWritingAtPath: files[1])
          try process.run()
          let code = ChildProcess.wait(process)
          let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
          return (code, texts[0], texts[1])
        })
    }
  }
}
