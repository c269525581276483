import Foundation

/// Runs a program to its end, off the cooperative threads; its exit code and output.
///
/// - Parameter program: An absolute path, or a name in `PATH`.
@discardableResult
public func tool(
  _ program: String, _ arguments: [String]
) async throws -> (code: Int32, output: String, error: String) {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async {
      continuation.resume(
        with: Result {
          let folder = try Scratch()
          // Files, and no pipes: whatever the program leaves running may hold those open.
          let files = ["out", "err"].map { folder.file($0) }
          for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
          let process = Process()
          process.executableURL = URL(filePath: program.hasPrefix("/") ? program : "/usr/bin/env")
          process.arguments = program.hasPrefix("/") ? arguments : [program] + arguments
          process.standardInput = FileHandle.nullDevice
          process.standardOutput = FileHandle(forWritingAtPath: files[0])
          process.standardError = FileHandle(forWritingAtPath: files[1])
          try process.run()
          let code = process.waitForEnd()
          let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
          return (code, texts[0], texts[1])
        })
    }
  }
}
