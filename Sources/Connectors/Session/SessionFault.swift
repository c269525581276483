import ConnectorProtocol
import Support

/// The errors of the host about a connector, as opposed to those that the connector answers.
///
/// After any of them nothing is known of the effect that a running call has had.
struct SessionFault {
  var connector: String

  func protocolViolation(_ what: String) -> AscendError {
    AscendError(
      "connector.protocolViolation", "The connector broke the protocol", object: connector, cause: what,
      remedy: "Report it to the connector's vendor; `ascend connectors verify` shows what else it breaks")
  }

  func died(_ exit: ProcessExit, during methods: [String], log: String) -> AscendError {
    var cause = exit.description
    if !methods.isEmpty { cause += " during " + methods.joined(separator: ", ") }
    let last = log.split(separator: "\n").suffix(10).joined(separator: "\n")
    if !last.isEmpty { cause += "; its last words:\n" + last }
    return AscendError(
      "connector.died", "The connector ended unexpectedly", object: connector, cause: cause,
      remedy: "Try the job again; if it happens again, report it to the connector's vendor with these last words")
  }

  func deadline(
    _ method: String, _ clock: SessionMachine.Clock, waited: Duration, idle: Duration, _ deadline: CallDeadline,
    answered: Bool
  ) -> AscendError {
    let limits = [
      deadline.idle.map { "\(Self.text($0)) without a sign of life" },
      deadline.absolute.map { "\(Self.text($0)) in all" },
    ].compactMap { $0 }.joined(separator: ", ")
    return AscendError(
      "connector.deadlineExceeded", "The connector took too long over \(method)", object: connector,
      cause: "the \(clock.rawValue) limit ran out: it ran for \(Self.text(waited)), "
        + "the last \(Self.text(idle)) of these without a sign of life; allowed: \(limits)"
        + (answered ? "" : "; it did not answer when told to stop, and was ended"),
      remedy: "Check that the platform can be reached, then try again")
  }

  func unresponsive(_ method: String, after grace: Duration) -> AscendError {
    AscendError(
      "connector.unresponsive", "The connector did not stop when told to, and was ended", object: connector,
      cause: "\(method) was not answered within \(Self.text(grace)) of being cancelled",
      remedy: "Roll the job back or try it again: the ledger knows what was made")
  }

  func stopping(_ method: String) -> AscendError {
    AscendError(
      "connector.stopping", "The connector is being stopped", object: connector, cause: "\(method) came too late")
  }

  func tooLarge(_ method: String, bytes: Int, limit: Int) -> AscendError {
    AscendError(
      "connector.messageTooLarge", "The request is too large for the protocol", object: connector,
      cause: "\(method) takes \(bytes) bytes; a message may have \(limit)")
  }

  func startup(_ error: AscendError) -> AscendError {
    guard error.code == "connector.deadlineExceeded" || error.code == "connector.unresponsive" else { return error }
    return AscendError(
      "connector.startFailed", "The connector did not come up", object: connector, cause: error.cause,
      remedy: "Run it by hand with `describe`; if that works, report this to its vendor")
  }

  func unsupportedVersion(_ spoken: String) -> AscendError {
    AscendError(
      "connector.versionUnsupported", "The connector speaks another version of the protocol", object: connector,
      cause: "it speaks \(spoken); this Ascend speaks "
        + ProtocolVersion.supported.map(String.init).joined(separator: ", "),
      remedy: "Update the connector or Ascend, whichever is older")
  }

  func mismatch(_ what: String) -> AscendError {
    AscendError(
      "connector.mismatch", "The connector is not what its connector.json says", object: connector, cause: what,
      remedy: "Install the connector again: the program and its connector.json belong together")
  }

  func ledger(_ error: any Error) -> AscendError {
    AscendError(
      "connector.ledgerFailed", "An entry of the ledger could not be written, and the connector was ended",
      object: connector, cause: String(describing: error),
      remedy: "Check the space and the rights of the state folder, then try the job again")
  }

  private static func text(_ duration: Duration) -> String { Format.duration(seconds: duration.seconds) }
}
