import ConnectorKit
import Foundation

/// A tool that is run to its end: exit, and what it said.
struct Tool {
  var exit: Program.Exit?
  var output: Data
  var errors: String

  /// The last line that the tool wrote to standard error: tools put the reason there.
  var lastError: String {
    let lines = errors.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
    return lines.last.map(String.init) ?? exit.map { "it ended with \($0.text) and no message" } ?? "it did not end"
  }

  /// Runs it; more than `limit` bytes of output are cut off. A task's cancellation kills it.
  static func run(
    _ name: String, _ arguments: [String], in folder: String? = nil, seconds: Double = 60, limit: Int = 1 << 20
  ) async throws -> Tool {
    let stopped = Flag()
    return try await withTaskCancellationHandler {
      let tool = try await Blocking.run {
        let output = try Descriptor.memory()
        let errors = try Descriptor.memory()
        let program = try Program.start(name, arguments, in: folder, output: output, error: errors)
        let exit = program.wait(until: .now + .seconds(seconds)) { stopped.isRaised }
        return Tool(
          exit: exit, output: try output.read(from: 0, limit: limit),
          errors: String(decoding: try errors.read(from: 0, limit: 1 << 16), as: UTF8.self))
      }
      try Task.checkCancellation()
      return tool
    } onCancel: {
      stopped.raise()
    }
  }
}
