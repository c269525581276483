/// The neutral description of a machine: what a backup says of it, whatever platform it was taken on.
///
/// Sizes are bytes. Open words (`firmware`, `bus`, `model`, `family`) are text so that a new platform needs no change
/// here. Schema: `protocol/v1/schema/machine.schema.json`.
public struct MachineDescription: Codable, Hashable, Sendable {
  public static let currentSchema = "machine/1"

  public var schema: String
  public var name: String
  public var cpu: CPU
  public var memoryBytes: Int64
  public var firmware: Firmware
  public var controllers: [Controller]
  public var disks: [Disk]
  public var nics: [NIC]
  public var guest: GuestSystem?
  public var identity: Identity
  public var tags: [String: String]
  public var notes: String?

  public init(
    name: String, cpu: CPU, memoryBytes: Int64, firmware: Firmware = Firmware(), controllers: [Controller] = [],
    disks: [Disk] = [], nics: [NIC] = [], guest: GuestSystem? = nil, identity: Identity = Identity(),
    tags: [String: String] = [:], notes: String? = nil
  ) {
    self.schema = Self.currentSchema
    self.name = name
    self.cpu = cpu
    self.memoryBytes = memoryBytes
    self.firmware = firmware
    self.controllers = controllers
    self.disks = disks
    self.nics = nics
    self.guest = guest
    self.identity = identity
    self.tags = tags
    self.notes = notes
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    schema = try container.decode(String.self, forKey: .schema)
    guard schema == Self.currentSchema else {
      throw DecodingError.dataCorruptedError(
        forKey: .schema, in: container, debugDescription: "machine description of schema \(schema) is not known here")
    }
    name = try container.decode(String.self, forKey: .name)
    cpu = try container.decode(CPU.self, forKey: .cpu)
    memoryBytes = try container.decode(Int64.self, forKey: .memoryBytes)
    firmware = try container.decodeIfPresent(Firmware.self, forKey: .firmware) ?? Firmware()
    controllers = try container.decodeIfPresent([Controller].self, forKey: .controllers) ?? []
    disks = try container.decodeIfPresent([Disk].self, forKey: .disks) ?? []
    nics = try container.decodeIfPresent([NIC].self, forKey: .nics) ?? []
    guest = try container.decodeIfPresent(GuestSystem.self, forKey: .guest)
    identity = try container.decodeIfPresent(Identity.self, forKey: .identity) ?? Identity()
    tags = try container.decodeIfPresent([String: String].self, forKey: .tags) ?? [:]
    notes = try container.decodeIfPresent(String.self, forKey: .notes)
  }

  /// Virtual processors: how many, and how they are grouped where the source said so.
  public struct CPU: Codable, Hashable, Sendable {
    public var count: Int
    public var coresPerSocket: Int?
    public var threadsPerCore: Int?

    public init(count: Int, coresPerSocket: Int? = nil, threadsPerCore: Int? = nil) {
      self.count = count
      self.coresPerSocket = coresPerSocket
      self.threadsPerCore = threadsPerCore
    }
  }

  /// How the machine starts: `bios` or `uefi`, and what goes with it.
  public struct Firmware: Codable, Hashable, Sendable {
    public var type: FirmwareType
    public var secureBoot: Bool
    public var tpm: Bool

    public init(type: FirmwareType = .bios, secureBoot: Bool = false, tpm: Bool = false) {
      self.type = type
      self.secureBoot = secureBoot
      self.tpm = tpm
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      type = try container.decode(FirmwareType.self, forKey: .type)
      secureBoot = try container.decodeIfPresent(Bool.self, forKey: .secureBoot) ?? false
      tpm = try container.decodeIfPresent(Bool.self, forKey: .tpm) ?? false
    }
  }

  /// A disk controller of the source machine.
  public struct Controller: Codable, Hashable, Sendable {
    public var id: String
    /// `pvscsi`, `lsi-logic`, `lsi-sas`, `buslogic`, `ide`, `sata`, `nvme`, `virtio-scsi`, `virtio-blk`, `vmbus`, `xen`.
    public var bus: String

    public init(id: String, bus: String) {
      self.id = id
      self.bus = bus
    }
  }

  /// A disk, in the order in which the machine sees them; `index` is its place in that order, from 0.
  public struct Disk: Codable, Hashable, Sendable {
    public var index: Int
    public var name: String
    /// Virtual size: what the guest sees.
    public var sizeBytes: Int64
    public var boot: Bool
    public var controller: String?
    public var unit: Int?
    /// Logical sector size that the guest sees; 512 where not given.
    public var sectorBytes: Int?

    public init(
      index: Int, name: String, sizeBytes: Int64, boot: Bool, controller: String? = nil, unit: Int? = nil,
      sectorBytes: Int? = nil
    ) {
      self.index = index
      self.name = name
      self.sizeBytes = sizeBytes
      self.boot = boot
      self.controller = controller
      self.unit = unit
      self.sectorBytes = sectorBytes
    }
  }

  /// A network interface; `network` is the source platform's name for what it was connected to.
  public struct NIC: Codable, Hashable, Sendable {
    public var index: Int
    public var model: String?
    public var mac: String?
    public var network: String?
    public var addresses: [String]
    public var connected: Bool

    public init(
      index: Int, model: String? = nil, mac: String? = nil, network: String? = nil, addresses: [String] = [],
      connected: Bool = true
    ) {
      self.index = index
      self.model = model
      self.mac = mac
      self.network = network
      self.addresses = addresses
      self.connected = connected
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      index = try container.decode(Int.self, forKey: .index)
      model = try container.decodeIfPresent(String.self, forKey: .model)
      mac = try container.decodeIfPresent(String.self, forKey: .mac)
      network = try container.decodeIfPresent(String.self, forKey: .network)
      addresses = try container.decodeIfPresent([String].self, forKey: .addresses) ?? []
      connected = try container.decodeIfPresent(Bool.self, forKey: .connected) ?? true
    }
  }

  /// What the source platform says is installed; the guest itself may know better (`GuestFacts`).
  public struct GuestSystem: Codable, Hashable, Sendable {
    public var family: String?
    public var name: String?
    /// The source platform's own identifier of the guest type.
    public var sourceID: String?

    public init(family: String? = nil, name: String? = nil, sourceID: String? = nil) {
      self.family = family
      self.name = name
      self.sourceID = sourceID
    }
  }

  /// What identifies the machine, to itself and to its source platform.
  public struct Identity: Codable, Hashable, Sendable {
    /// The SMBIOS UUID that the guest sees.
    public var uuid: String?
    /// The source platform's identifiers, by their names there.
    public var source: [String: String]

    public init(uuid: String? = nil, source: [String: String] = [:]) {
      self.uuid = uuid
      self.source = source
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      uuid = try container.decodeIfPresent(String.self, forKey: .uuid)
      source = try container.decodeIfPresent([String: String].self, forKey: .source) ?? [:]
    }
  }
}

/// `bios` or `uefi`.
public struct FirmwareType: OpenEnum {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public static let bios: FirmwareType = "bios"
  public static let uefi: FirmwareType = "uefi"
}
