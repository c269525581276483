public import ConnectorProtocol

/// The surroundings and the patience of one connector process.
public struct SessionOptions: Sendable {
  /// The connector's working directory: made where it is missing, for its owner alone.
  public var workFolder: String
  /// The target's own folder, told to the connector in `session/open`.
  public var stateFolder: String?
  /// The job that the requests belong to, told in each of them.
  public var job: JobID?
  /// What the host calls itself in `initialize`.
  public var host: Initialize.Peer
  /// The host's own environment, of which only a few variables are passed on.
  public var environment: [String: String]
  /// From the start of the process until it has answered `initialize`.
  public var startupDeadline: Duration
  /// From `$/cancel` until the answer; then the process is ended.
  public var cancelGrace: Duration
  /// From `shutdown` until its answer.
  public var shutdownDeadline: Duration
  /// From the end of its input until it is told to terminate: the connector's own `graceMs`, at most this.
  public var maxGrace: Duration
  /// From SIGTERM to SIGKILL.
  public var terminationGrace: Duration
  public var maxMessageBytes: Int

  public init(
    workFolder: String, stateFolder: String? = nil, job: JobID? = nil,
    host: Initialize.Peer = Initialize.Peer(name: "ascend", version: "1"), environment: [String: String] = [:],
    startupDeadline: Duration = .seconds(10), cancelGrace: Duration = .seconds(15),
    shutdownDeadline: Duration = .seconds(5), maxGrace: Duration = .seconds(30),
    terminationGrace: Duration = .seconds(5), maxMessageBytes: Int = MessageLimits.defaultMaxMessageBytes
  ) {
    self.workFolder = workFolder
    self.stateFolder = stateFolder
    self.job = job
    self.host = host
    self.environment = environment
    self.startupDeadline = startupDeadline
    self.cancelGrace = cancelGrace
    self.shutdownDeadline = shutdownDeadline
    self.maxGrace = maxGrace
    self.terminationGrace = terminationGrace
    self.maxMessageBytes = maxMessageBytes
  }
}
