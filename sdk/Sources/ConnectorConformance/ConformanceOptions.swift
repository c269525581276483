public import ConnectorProtocol

/// What the kit is told about the connector's own platform, and how patient it is.
public struct ConformanceOptions: Sendable {
  /// The connection's configuration, without secrets, as `session/open` gives it.
  public var connection: JSONValue
  /// Secrets by JSON Pointer into `connection`. The kit looks for their values wherever they must not be.
  public var secrets: [String: String]
  /// Members of the capability document's `target` schema, over those that the kit chooses itself.
  public var target: JSONValue
  /// Where the kit's and the connector's files go; a temporary folder, removed afterwards, where none is given.
  public var workFolder: String?
  /// The folder that connectors get for their own state; one in the work folder where none is given.
  public var stateFolder: String?
  /// Virtual size of the test disk; raised where the platform asks for more.
  public var diskSizeBytes: Int64
  /// Groups of rules to run (`R1` … `R13`); all where none are given.
  public var groups: Set<String>?
  /// False leaves out `job/commit`, after which a platform may keep the test machine.
  public var commits: Bool
  public var patience: Patience

  public init(
    connection: JSONValue = [:], secrets: [String: String] = [:], target: JSONValue = [:], workFolder: String? = nil,
    stateFolder: String? = nil, diskSizeBytes: Int64 = 16 << 20, groups: Set<String>? = nil, commits: Bool = true,
    patience: Patience = Patience()
  ) {
    self.connection = connection
    self.secrets = secrets
    self.target = target
    self.workFolder = workFolder
    self.stateFolder = stateFolder
    self.diskSizeBytes = diskSizeBytes
    self.groups = groups
    self.commits = commits
    self.patience = patience
  }

  /// Time limits in seconds: a connector that exceeds one fails the rule at hand.
  public struct Patience: Sendable {
    /// For an answer that needs no work on the platform.
    public var answer: Double
    /// For an operation.
    public var operation: Double
    /// For the answer to a cancelled request.
    public var cancel: Double
    /// For the exit once the input has ended.
    public var exit: Double

    public init(answer: Double = 10, operation: Double = 120, cancel: Double = 5, exit: Double = 5) {
      self.answer = answer
      self.operation = operation
      self.cancel = cancel
      self.exit = exit
    }
  }
}
