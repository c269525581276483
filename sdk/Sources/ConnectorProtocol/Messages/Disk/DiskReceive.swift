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
  /// True where the content digest of what is read is wanted, false where not; else it is the connector's choice.
  public var digest: Bool?
  /// True where what was written is to be read back, and its content digest given as `platformDigest`.
  public var readBack: Bool?

  /// The flag of `CapabilityDocument.features` of a connector that can do the latter.
  public static let readBackFeature = "readBack"

  public init(
    op: Operation, job: JobID, plan: PlanPreflight.Plan, index: Int, target: JSONValue, source: DiskSource,
    checkpoint: String? = nil, digest: Bool? = nil, readBack: Bool? = nil
  ) {
    self.op = op
    self.job = job
    self.plan = plan
    self.index = index
    self.target = target
    self.source = source
    self.checkpoint = checkpoint
    self.digest = digest
    self.readBack = readBack
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
    /// The algorithm of a content digest; its value is one as `digest` gives it.
    public static let content = "ascend1"

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
  /// The content digest of the disk, where the host knows it: what arrives can be proven equal.
  public var digest: String?

  public init(
    kind: String, location: String, format: String, sizeBytes: Int64, generation: String, movable: Bool? = nil,
    certificateSHA256: String? = nil, digest: String? = nil
  ) {
    self.kind = kind
    self.location = location
    self.format = format
    self.sizeBytes = sizeBytes
    self.generation = generation
    self.movable = movable
    self.certificateSHA256 = certificateSHA256
    self.digest = digest
  }
}
