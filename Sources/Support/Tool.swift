public import Foundation
import Subprocess
import SystemPackage

/// What a tool of the system left behind.
public struct ToolResult: Sendable {
  /// The exit code, or 128 + the number of the signal that ended it.
  public var exitCode: Int32
  public var standardOutput: Data
  public var standardError: String

  /// The last line of standard error that says something: what tools put there is usually the reason.
  public var lastErrorLine: String {
    let lines = standardError.split(whereSeparator: \.isNewline)
    return lines.last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "exit code \(exitCode)"
  }
}

/// Runs tools of the system (`qemu-img` and its kind), never through a shell.
public enum Tool {
  /// Runs `name`, found on the path unless it is one itself, and returns what it left, whatever its exit code.
  ///
  /// - Throws: `tool.missing`, `tool.timeout`, `tool.outputTooLarge`, `tool.failed` (could not be started), `cancelled`.
  public static func run(
    _ name: String, _ arguments: [String], limits: ToolLimits = .none, maxOutputBytes: Int = 64 << 20
  ) async throws(AscendError) -> ToolResult {
    let command = limits.wrap(name, arguments)
    do {
      return try await withDeadline(seconds: limits.wallSeconds, tool: name) {
        try await execute(command, maxOutputBytes: maxOutputBytes)
      }
    } catch let error as AscendError {
      throw error
    } catch is CancellationError {
      throw AscendError("cancelled", "Cancelled while \(name) ran")
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw AscendError(
        "tool.missing", "The tool \(name) is not installed", object: name,
        remedy: "Install the packages named in packages.txt (`make packages`)")
    } catch let error as SubprocessError where error.code == .outputLimitExceeded {
      throw AscendError("tool.outputTooLarge", "\(name) wrote more than \(maxOutputBytes) bytes", object: name)
    } catch {
      throw AscendError("tool.failed", "\(name) could not be run", object: name, cause: String(describing: error))
    }
  }

  /// Runs `name` and returns its standard output.
  ///
  /// - Throws: as `run`, and `tool.failed` with the tool's own last words where its exit code is not 0.
  @discardableResult
  public static func output(
    _ name: String, _ arguments: [String], limits: ToolLimits = .none, maxOutputBytes: Int = 64 << 20
  ) async throws(AscendError) -> Data {
    let result = try await run(name, arguments, limits: limits, maxOutputBytes: maxOutputBytes)
    guard result.exitCode == 0 else {
      throw AscendError("tool.failed", "\(name) failed", object: name, cause: result.lastErrorLine)
    }
    return result.standardOutput
  }

  private static func execute(_ command: [String], maxOutputBytes: Int) async throws -> ToolResult {
    var options = PlatformOptions()
    // A group of its own, so that what the tool starts ends with it.
    options.processGroupID = 0
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(500))]
    let result = try await Subprocess.run(
      command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0]),
      arguments: Arguments(Array(command.dropFirst())), platformOptions: options,
      output: .bytes(limit: maxOutputBytes), error: .bytes(limit: 1 << 20))
    // A cancelled tool may have ended well or badly before its end was noticed; either way its answer is not wanted.
    try Task.checkCancellation()
    let code: Int32 =
      switch result.terminationStatus {
      case .exited(let code): code
      case .signaled(let signal): 128 + signal
      }
    return ToolResult(
      exitCode: code, standardOutput: Data(result.standardOutput),
      standardError: String(decoding: result.standardError, as: UTF8.self))
  }

  private static func withDeadline(
    seconds: Double?, tool: String, _ body: @escaping @Sendable () async throws -> ToolResult
  ) async throws -> ToolResult {
    guard let seconds else { return try await body() }
    return try await withThrowingTaskGroup(of: ToolResult?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: .seconds(seconds))
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let result = first else {
        throw AscendError(
          "tool.timeout", "\(tool) did not finish within \(Int(seconds)) seconds and was ended", object: tool)
      }
      return result
    }
  }
}
