import ConnectorProtocol

/// How long the kit waits for a connector's code, in seconds.
struct ServerTiming: Sendable {
  /// From cancelling a request to answering it on behalf of code that does not stop.
  var cancelGrace = 5.0
  /// The same after a deadline: the host waits no longer.
  var deadlineGrace = 1.0
  /// From the end of the input to the end of the process.
  var endGrace = 4.0
  /// The longest silence of a running operation.
  var heartbeat = 10.0

  init() {}

  /// The capability document's times, within what the protocol allows.
  init(declared: CapabilityDocument.Timing) {
    if let grace = declared.graceMs { cancelGrace = min(max(Double(grace) / 1000, 0.1), 30) }
    if let longest = declared.heartbeatMs { heartbeat = min(max(Double(longest) / 1000, 0.5), 10) }
  }
}
