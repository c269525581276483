/// `source/open`: offer disks that lie on the platform for reading, until `source/close` or the session's end.
///
/// Changes nothing on the platform. The disk at `index` of the result is served by NBD on the socket that
/// `SourceOpen.socket` names, as `protocol/README.md` says of sources: read-only, with `base:allocation`.
public struct SourceOpen: ConnectorRequest {
  public static let method = "source/open"
  public static let isMandatory = false

  /// What to read, of schemes that the capability document's `sources` names: `ebs://snap-…`. Their disks, in this
  /// order, are those of one machine.
  public var addresses: [String]
  /// A folder of the host's for the sockets, absolute, which only its owner can enter.
  public var folder: String

  public init(addresses: [String], folder: String) {
    self.addresses = addresses
    self.folder = folder
  }

  /// Where the disk at `index` is served. A path that two processes of one job agree on without talking: what was laid
  /// over the disk names it.
  public static func socket(_ index: Int, in folder: String) -> String { "\(folder)/\(index).sock" }

  public struct Result: Codable, Hashable, Sendable {
    public var disks: [Disk]
    /// What the platform says of the machine that the disks belong to, where it says anything.
    public var machine: MachineDescription?
    /// RFC 3339: of when the content is.
    public var takenAt: String?

    public init(disks: [Disk], machine: MachineDescription? = nil, takenAt: String? = nil) {
      self.disks = disks
      self.machine = machine
      self.takenAt = takenAt
    }
  }

  public struct Disk: Codable, Hashable, Sendable {
    /// What people call it: the snapshot's id.
    public var name: String
    public var sizeBytes: Int64
    /// Names the content: as long as it is the same, so are the bytes, in whatever process.
    public var generation: String

    public init(name: String, sizeBytes: Int64, generation: String) {
      self.name = name
      self.sizeBytes = sizeBytes
      self.generation = generation
    }
  }
}
