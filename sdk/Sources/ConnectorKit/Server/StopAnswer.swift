import ConnectorProtocol

/// What a request that was told to stop is answered with.
enum StopAnswer {
  /// The error that `thrown` becomes: of the reason for which the request was stopped, with what is left behind.
  ///
  /// - Parameter thrown: What the connector's code threw, or nil where it has not come to an end in time.
  static func error(for entry: Conversation.Running, stop: Conversation.Stop, thrown: (any Error)?) -> ConnectorError {
    let method = entry.method
    let cause = thrown as? ConnectorError
    let why =
      if thrown == nil {
        " Its work has not come to an end yet."
      } else if let cause {
        " It ended with: \(cause.message)"
      } else {
        ""
      }
    var error =
      switch stop {
      case .cancelled(let reason):
        ConnectorError(.cancelled, "\(method) was cancelled\(reason.map { " (\($0))" } ?? "").\(why)")
      case .deadline(let milliseconds):
        ConnectorError(
          .deadlineExceeded, "\(method) had not come to an end after the \(milliseconds) ms that it was given.\(why)",
          remedy: "Send the same operation again with a later deadline.")
      case .ended:
        ConnectorError(.cancelled, "\(method) was stopped because the conversation ended.\(why)")
      }
    error.outcome = outcome(entry, cause: cause, thrown: thrown)
    error.checkpoint = cause?.checkpoint ?? entry.channel?.newestCheckpoint
    error.diagnostics = cause?.diagnostics ?? []
    error.provider = cause?.provider
    return error
  }

  private static func outcome(_ entry: Conversation.Running, cause: ConnectorError?, thrown: (any Error)?) -> Outcome {
    if let cause { return cause.outcome }
    // Requests without an operation change nothing, whatever becomes of them.
    guard let channel = entry.channel else { return .none }
    return thrown != nil && channel.hasEffects ? .partial : .unknown
  }
}
