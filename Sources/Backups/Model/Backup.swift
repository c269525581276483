public import ConnectorProtocol
public import Foundation
import Support

/// A backup of one machine, as it was read: what the machine was and where its disks are.
public struct Backup: Codable, Hashable, Sendable {
  public var name: String
  /// The platform that it was taken on, in the words of the field, or `unknown`.
  public var platform: String
  /// What wrote the backup, where it says so.
  public var product: String?
  public var kind: Kind
  /// The archive, the descriptor or the manifest, absolute; the addresses of one that lies elsewhere.
  public var path: String
  public var takenAt: Date?
  public var machine: MachineDescription
  public var disks: [BackupDisk]
  /// What the backup says of the machine and a restore does not carry over.
  public var losses: [Loss]
  /// What somebody should know before relying on the backup.
  public var findings: [String]
  /// The digests that the backup holds of its own files.
  public var digests: [RecordedDigest]
  /// The states that it can be restored to, oldest first, where there are several; one of them is what `machine` and
  /// `disks` say. Empty where there is only one.
  public var points: [RestorePoint]
  /// What was said of it when it was added.
  public var options: ReadOptions
  /// Where its disks lie, if no file here holds them.
  public var origin: RemoteOrigin?

  public init(
    name: String, platform: String, product: String? = nil, kind: Kind, path: String, takenAt: Date? = nil,
    machine: MachineDescription, disks: [BackupDisk], losses: [Loss] = [], findings: [String] = [],
    digests: [RecordedDigest] = [], points: [RestorePoint] = [], options: ReadOptions = ReadOptions(),
    origin: RemoteOrigin? = nil
  ) {
    self.name = name
    self.platform = platform
    self.product = product
    self.kind = kind
    self.path = path
    self.takenAt = takenAt
    self.machine = machine
    self.disks = disks
    self.losses = losses
    self.findings = findings
    self.digests = digests
    self.points = points
    self.options = options
    self.origin = origin
  }

  private enum CodingKeys: String, CodingKey {
    case name, platform, product, kind, path, takenAt, machine, disks, losses, findings, digests, points, options,
      origin
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    platform = try values.decode(String.self, forKey: .platform)
    product = try values.decodeIfPresent(String.self, forKey: .product)
    kind = try values.decode(Kind.self, forKey: .kind)
    path = try values.decode(String.self, forKey: .path)
    if let text = try values.decodeIfPresent(String.self, forKey: .takenAt) {
      guard let date = Timestamp.date(text) else {
        throw DecodingError.dataCorruptedError(
          forKey: .takenAt, in: values, debugDescription: "\"\(text)\" is no point in time")
      }
      takenAt = date
    }
    machine = try values.decode(MachineDescription.self, forKey: .machine)
    disks = try values.decode([BackupDisk].self, forKey: .disks)
    losses = try values.decode([Loss].self, forKey: .losses)
    findings = try values.decode([String].self, forKey: .findings)
    digests = try values.decode([RecordedDigest].self, forKey: .digests)
    points = try values.decodeIfPresent([RestorePoint].self, forKey: .points) ?? []
    options = try values.decodeIfPresent(ReadOptions.self, forKey: .options) ?? ReadOptions()
    origin = try values.decodeIfPresent(RemoteOrigin.self, forKey: .origin)
  }

  /// The point in time goes out as text (RFC 3339), as everywhere else.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try values.encode(platform, forKey: .platform)
    try values.encodeIfPresent(product, forKey: .product)
    try values.encode(kind, forKey: .kind)
    try values.encode(path, forKey: .path)
    try values.encodeIfPresent(takenAt.map(Timestamp.text), forKey: .takenAt)
    try values.encode(machine, forKey: .machine)
    try values.encode(disks, forKey: .disks)
    try values.encode(losses, forKey: .losses)
    try values.encode(findings, forKey: .findings)
    try values.encode(digests, forKey: .digests)
    if !points.isEmpty { try values.encode(points, forKey: .points) }
    if options != ReadOptions() { try values.encode(options, forKey: .options) }
    try values.encodeIfPresent(origin, forKey: .origin)
  }

  /// `ova`, `ovf`, `manifest`, and what other readers call what they read.
  public struct Kind: OpenEnum {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let ova: Kind = "ova"
    public static let ovf: Kind = "ovf"
    public static let manifest: Kind = "manifest"
    public static let vmx: Kind = "vmx"
    public static let libvirt: Kind = "libvirt"
    public static let hyperv: Kind = "hyperv"
  }
}
