import ArgumentParser
import Foundation
import Support

/// The program's entry: parses, runs, and turns what went wrong into text and an exit code.
///
/// Exit codes: 0 success, 1 a failed restore or check, 2 wrong usage, 3 a blocked plan, 130 cancelled.
@main
struct Main {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let json = arguments.contains("--json")
    do {
      try await Interruption.cancelling {
        var command = try AscendCommand.parseAsRoot(arguments)
        if var asynchronous = command as? any AsyncParsableCommand {
          try await asynchronous.run()
        } else {
          try command.run()
        }
      }
    } catch let error as AscendError {
      Console.failure(error, json: json)
      exit(ExitStatus.of(error))
    } catch let code as ExitCode {
      exit(code.rawValue)
    } catch {
      let code = AscendCommand.exitCode(for: error)
      let message = AscendCommand.fullMessage(for: error)
      if code == .success {
        print(message)
        exit(0)
      }
      Console.note(message)
      exit(code == .validationFailure ? ExitStatus.usage : code.rawValue)
    }
  }
}

enum ExitStatus {
  static let failed: Int32 = 1
  static let usage: Int32 = 2
  static let blocked: Int32 = 3
  static let cancelled: Int32 = 130

  static func of(_ error: AscendError) -> Int32 {
    switch error.code {
    case "cancelled": cancelled
    case "plan.blocked": blocked
    case "usage": usage
    default: failed
    }
  }
}
