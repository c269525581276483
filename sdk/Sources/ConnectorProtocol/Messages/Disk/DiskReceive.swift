/// `disk/receive`: read the disk from where the host offers it, and bring it onto the platform.
///
/// Long: reports `$/progress` in bytes, and `$/checkpoint` where `disk/receive` is `resumable`.
public struct DiskReceive: MutatingRequest {
  public static let method = "disk/receive"

  public var op: Operation
  public var job: JobID
  public var plan: PlanPreflight.Plan
  public var index: Int
  /// What `disk/prepare` answered.
  public var target: JSONValue
  public var source: DiskSource
  /// The newest checkpoint of an earlier attempt.
  public var checkpoint: String?

  public init(
    op: Operation, job: JobID, plan: PlanPreflight.Plan, index: Int, target: JSONValue, source: DiskSource,
    checkpoint: String? = nil
  ) {
    self.op = op
    self.job = job
    self.plan = plan
    self.index = index
    self.target = target
    self.source = source
    self.checkpoint = checkpoint
  }

  public struct Result: Codable, Hashable, Sendable {
    /// The connector's handle of the finished disk, for `machine/create`.
    public var disk: JSONValue
    /// The counts are of the whole disk, whatever the number of attempts.
    public var bytesRead: Int64
    public var bytesSent: Int64
    /// Zeros that were not moved.
    public var bytesSkipped: Int64
    /// The content digest of what was read, where it was computed (`protocol/README.md`, "Content digest").
    public var digest: String?
    /// What the platform itself says that it holds, where it can: its checksum, or a digest of what was read back.
    public var platformDigest: PlatformDigest?

    public init(
      disk: JSONValue, bytesRead: Int64, bytesSent: Int64, bytesSkipped: Int64, digest: String? = nil,
      platformDigest: PlatformDigest? = nil
    ) {
      self.disk = disk
      self.bytesRead = bytesRead
      self.bytesSent = bytesSent
      self.bytesSkipped = bytesSkipped
      self.digest = digest
      self.platformDigest = platformDigest
    }
  }

  public struct PlatformDigest: Codable, Hashable, Sendable {
    /// `ascend1` for a content digest of what was read back, else the platform's name: `linear-sha256`, `md5`.
    public var algorithm: String
    public var value: String

    public init(algorithm: String, value: String) {
      self.algorithm = algorithm
      self.value = value
    }
  }
}

/// Where the host offers a disk.
///
/// - `nbd`: `location` is an NBD URI on a Unix socket, read-only, with the `base:allocation` context; the bytes are the
///   guest-visible ones.
/// - `file`: `location` is an absolute path of an image of the planned format in the job's folder. The connector may
///   move it away (`movable`) or must copy it.
/// - `http`: `location` is a URL that serves byte ranges of such an image; its path is random and lives as long as the
///   request. `certificateSHA256` pins the server where it is `https`.
public struct DiskSource: Codable, Hashable, Sendable {
  public var kind: String
  public var location: String
  public var format: String
  public var sizeBytes: Int64
  /// Names the content: a resumed transfer from another generation is `sourceChanged`.
  public var generation: String
  public var movable: Bool?
  /// SHA-256, hexadecimal, of the server's certificate (DER).
  public var certificateSHA256: String?

  public init(
    kind: String, location: String, format: String, sizeBytes: Int64, generation: String, movable: Bool? = nil,
    certificateSHA256: String? = nil
  ) {
    self.kind = kind
    self.location = location
    self.format = format
    self.sizeBytes = sizeBytes
    self.generation = generation
    self.movable = movable
    self.certificateSHA256 = certificateSHA256
  }
}
