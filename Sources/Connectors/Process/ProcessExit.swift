import Foundation

/// How a process ended.
public enum ProcessExit: Hashable, Sendable, CustomStringConvertible {
  case status(Int32)
  case signal(Int32)

  public var description: String {
    switch self {
    case .status(let code): "it exited with status \(code)"
    case .signal(let number): "it was ended by signal \(number) (\(String(cString: strsignal(number))))"
    }
  }
}
