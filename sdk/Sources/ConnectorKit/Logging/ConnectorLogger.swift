import ConnectorProtocol

/// Writes to the host's log: one JSON object a line on standard error, without the secrets of the session.
///
/// - `debug`: what helps to follow one call. `info`: what happened, once per step.
/// - `warning`: it goes on, but a person should look. `error`: something failed.
public struct ConnectorLogger: Sendable {
  public enum Level: String, Sendable, CaseIterable {
    case debug, info, warning, error
  }

  let sink: LogSink
  let redactor: Redactor
  let op: OperationID?

  public func debug(_ message: @autoclosure () -> String) { log(.debug, message()) }
  public func info(_ message: @autoclosure () -> String) { log(.info, message()) }
  public func warning(_ message: @autoclosure () -> String) { log(.warning, message()) }
  public func error(_ message: @autoclosure () -> String) { log(.error, message()) }

  public func log(_ level: Level, _ message: String) {
    sink.write(level, message, op: op)
  }

  /// Keeps a secret that was not in `session/open`, such as a token that the platform gave, out of logs, progress,
  /// diagnostics and error messages from now on.
  public func conceal(_ secret: String) {
    redactor.register([secret])
  }

  func with(op: OperationID) -> ConnectorLogger {
    ConnectorLogger(sink: sink, redactor: redactor, op: op)
  }
}
