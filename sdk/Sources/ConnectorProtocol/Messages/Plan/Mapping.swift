/// What the operator chose of the platform's inventory: the file behind `--map`.
///
/// Keys and values are names or ids that `inventory/list` gives. What is not mapped is the connector's to default, and
/// it says so in a diagnostic.
public struct Mapping: Codable, Hashable, Sendable {
  /// Source network name to target network; `*` is every other one.
  public var networks: [String: String]
  /// Disk index (as text) to target storage; `*` is every other one.
  public var storage: [String: String]
  /// NIC index (as text) to what that NIC shall have.
  public var nics: [String: NICMapping]?
  /// Disk index (as text) to what that disk shall have.
  public var disks: [String: DiskMapping]?
  public var cpuCount: Int?
  public var memoryBytes: Int64?
  public var firmware: FirmwareType?
  /// A controller and a NIC model to use instead of the preferred ones.
  public var controller: String?
  public var nicModel: String?
  /// The disk format to ask for, of those that are accepted.
  public var diskFormat: String?
  /// How disks shall come, `nbd`, `file` or `http`, of the accesses that are accepted.
  public var diskAccess: String?
  /// `keep` or `renew` the MAC addresses, and the machine's UUID.
  public var identity: String?
  public var tags: [String: String]
  /// First-boot data for the guest (cloud-init and its like), as plain text; never a secret.
  public var userData: String?
  /// Members of the capability document's `target` schema.
  public var options: [String: JSONValue]

  public init(
    networks: [String: String] = [:], storage: [String: String] = [:], cpuCount: Int? = nil,
    memoryBytes: Int64? = nil, firmware: FirmwareType? = nil, controller: String? = nil, nicModel: String? = nil,
    diskFormat: String? = nil, identity: String? = nil, tags: [String: String] = [:],
    options: [String: JSONValue] = [:], nics: [String: NICMapping]? = nil, disks: [String: DiskMapping]? = nil,
    userData: String? = nil, diskAccess: String? = nil
  ) {
    self.networks = networks
    self.storage = storage
    self.nics = nics
    self.disks = disks
    self.userData = userData
    self.cpuCount = cpuCount
    self.memoryBytes = memoryBytes
    self.firmware = firmware
    self.controller = controller
    self.nicModel = nicModel
    self.diskFormat = diskFormat
    self.diskAccess = diskAccess
    self.identity = identity
    self.tags = tags
    self.options = options
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    networks = try container.decodeIfPresent([String: String].self, forKey: .networks) ?? [:]
    storage = try container.decodeIfPresent([String: String].self, forKey: .storage) ?? [:]
    nics = try container.decodeIfPresent([String: NICMapping].self, forKey: .nics)
    disks = try container.decodeIfPresent([String: DiskMapping].self, forKey: .disks)
    userData = try container.decodeIfPresent(String.self, forKey: .userData)
    cpuCount = try container.decodeIfPresent(Int.self, forKey: .cpuCount)
    memoryBytes = try container.decodeIfPresent(Int64.self, forKey: .memoryBytes)
    firmware = try container.decodeIfPresent(FirmwareType.self, forKey: .firmware)
    controller = try container.decodeIfPresent(String.self, forKey: .controller)
    nicModel = try container.decodeIfPresent(String.self, forKey: .nicModel)
    diskFormat = try container.decodeIfPresent(String.self, forKey: .diskFormat)
    diskAccess = try container.decodeIfPresent(String.self, forKey: .diskAccess)
    identity = try container.decodeIfPresent(String.self, forKey: .identity)
    tags = try container.decodeIfPresent([String: String].self, forKey: .tags) ?? [:]
    options = try container.decodeIfPresent([String: JSONValue].self, forKey: .options) ?? [:]
  }
}
