import ConnectorProtocol
import GRDB

/// What the jobs of this host may take together. Nil is no limit.
public struct HostLimits: StoredRecord, Hashable {
  public static let databaseTableName = "host_limits"

  var id = 1
  /// What all transfers together may read from the backups; shared evenly among the jobs that transfer.
  public var bytesPerSecond: Int64?
  /// How many jobs run at once; further ones wait.
  public var jobs: Int?
  /// How many connections each transfer reads over at once.
  public var connections: Int?

  public init(bytesPerSecond: Int64? = nil, jobs: Int? = nil, connections: Int? = nil) {
    self.bytesPerSecond = bytesPerSecond
    self.jobs = jobs
    self.connections = connections
  }

  enum CodingKeys: String, CodingKey {
    case id, jobs, connections
    case bytesPerSecond = "bytes_per_second"
  }

  /// What one job may take: the lesser of its own limits and its share of the host's.
  ///
  /// - Parameter transferring: How many jobs transfer at the moment, this one among them.
  func share(for job: JobLimits, transferring: Int) -> LimitsNotification {
    let part = bytesPerSecond.map { max(1, $0 / Int64(max(1, transferring))) }
    return LimitsNotification(
      bytesPerSecond: [part, job.bytesPerSecond].compactMap { $0 }.min(),
      connections: [connections, job.connections].compactMap { $0 }.min())
  }
}

/// What the transfers of one job may take. Nil is no limit.
public struct JobLimits: Codable, Hashable, Sendable {
  public var bytesPerSecond: Int64?
  public var connections: Int?

  public init(bytesPerSecond: Int64? = nil, connections: Int? = nil) {
    self.bytesPerSecond = bytesPerSecond
    self.connections = connections
  }
}
