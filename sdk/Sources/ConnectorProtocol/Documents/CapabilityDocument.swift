/// What a connector can do, as it declares it: the file `connector.json`, byte for byte what `describe` prints.
///
/// The host learns a platform's needs from nowhere else. Schema: `protocol/v1/schema/capability.schema.json`.
public struct CapabilityDocument: Codable, Hashable, Sendable {
  public static let currentSchema = "connector/1"

  public var schema: String
  /// One plain path component, also the platform's name: `qemu`.
  public var id: String
  public var displayName: String
  public var vendor: String
  public var version: String
  public var protocolVersions: [Int]
  /// The program, relative to the folder of `connector.json`.
  public var executable: String
  public var docs: String?
  public var license: String?
  /// The optional methods that are implemented.
  public var methods: [String]
  /// Named flags: `resume`, `screenshot`, `estimate`, `secureBoot` …
  public var features: [String]
  /// Schema of what is needed to reach the platform (secrets are `writeOnly`), and of what a restore is told there.
  public var connection: JSONValue
  public var target: JSONValue
  public var permissions: [Permission]
  public var inventory: [InventoryKind]
  public var disks: Disks
  public var boot: [Boot]
  /// In order of preference: the host takes the first for which the guest has or can get the drivers.
  public var controllers: [Controller]
  public var nics: [NICModel]
  public var drivers: [DriverNeed]
  public var limits: Limits
  public var concurrency: Concurrency
  public var timing: Timing
  /// Methods that accept the checkpoint of an earlier attempt.
  public var resumable: [String]
  /// The kinds of check that `machine/verify` can make.
  public var verify: [String]
  public var cleanup: Cleanup
  /// The addresses that disks can be read from (`source/open`), where the platform can be a source too.
  public var sources: [Source]?

  /// A permission that the account needs, with the reason to show before it is asked for.
  public struct Permission: Codable, Hashable, Sendable {
    public var name: String
    public var why: String
    public var when: String?

    public init(name: String, why: String, when: String? = nil) {
      self.name = name
      self.why = why
      self.when = when
    }
  }

  /// A kind of thing that `inventory/list` lists, the kind it lies in, and the target field that it fills.
  public struct InventoryKind: Codable, Hashable, Sendable {
    public var kind: String
    public var parent: String?
    public var fills: String?

    public init(kind: String, parent: String? = nil, fills: String? = nil) {
      self.kind = kind
      self.parent = parent
      self.fills = fills
    }
  }

  public struct Disks: Codable, Hashable, Sendable {
    /// In order of preference.
    public var accepts: [DiskForm]
    public var maxCount: Int?
    public var bootMaxBytes: Int64?
    public var preferredRequestBytes: Int?
    public var parallel: Int?

    public init(
      accepts: [DiskForm], maxCount: Int? = nil, bootMaxBytes: Int64? = nil, preferredRequestBytes: Int? = nil,
      parallel: Int? = nil
    ) {
      self.accepts = accepts
      self.maxCount = maxCount
      self.bootMaxBytes = bootMaxBytes
      self.preferredRequestBytes = preferredRequestBytes
      self.parallel = parallel
    }
  }

  /// A form in which a disk is accepted: image format and subformat, and how its bytes are reached.
  ///
  /// With access `nbd` the bytes are always the guest-visible ones, and `format` says what the connector makes of them.
  public struct DiskForm: Codable, Hashable, Sendable {
    public var format: String
    public var subformat: String?
    /// `nbd`, `file`, `http`, in order of preference.
    public var access: [String]
    /// The virtual size is made a multiple of this (`roundTo`) by zeros at its end.
    public var roundTo: Int64?
    public var minBytes: Int64?
    public var maxBytes: Int64?
    public var sectorBytes: Int?
    /// What becomes of zeros: `skip`, `zero-write` or `required-dense`.
    public var sparse: String?
    public var extra: JSONValue?

    public init(
      format: String, subformat: String? = nil, access: [String], roundTo: Int64? = nil, minBytes: Int64? = nil,
      maxBytes: Int64? = nil, sectorBytes: Int? = nil, sparse: String? = nil, extra: JSONValue? = nil
    ) {
      self.format = format
      self.subformat = subformat
      self.access = access
      self.roundTo = roundTo
      self.minBytes = minBytes
      self.maxBytes = maxBytes
      self.sectorBytes = sectorBytes
      self.sparse = sparse
      self.extra = extra
    }
  }

  /// A way in which machines start there.
  public struct Boot: Codable, Hashable, Sendable {
    public var firmware: FirmwareType
    public var secureBoot: Bool?
    public var tpm: Bool?
    /// `x86_64`, `aarch64` …
    public var arch: String
    /// A name for the kind of machine where the platform has several (`gen1`).
    public var generation: String?

    public init(
      firmware: FirmwareType, secureBoot: Bool? = nil, tpm: Bool? = nil, arch: String, generation: String? = nil
    ) {
      self.firmware = firmware
      self.secureBoot = secureBoot
      self.tpm = tpm
      self.arch = arch
      self.generation = generation
    }
  }

  /// A disk controller that machines can have there.
  public struct Controller: Codable, Hashable, Sendable {
    public var id: String
    /// `virtio-blk`, `virtio-scsi`, `nvme`, `pvscsi`, `lsi`, `ide`, `sata`, `xen`, `vmbus` …
    public var bus: String
    public var maxDisks: Int
    public var bootable: Bool
    /// The firmware it works with; none given means any.
    public var firmware: [FirmwareType]?

    public init(id: String, bus: String, maxDisks: Int, bootable: Bool, firmware: [FirmwareType]? = nil) {
      self.id = id
      self.bus = bus
      self.maxDisks = maxDisks
      self.bootable = bootable
      self.firmware = firmware
    }
  }

  public struct NICModel: Codable, Hashable, Sendable {
    public var model: String
    public var max: Int

    public init(model: String, max: Int) {
      self.model = model
      self.max = max
    }
  }

  public struct Limits: Codable, Hashable, Sendable {
    public var cpuMax: Int?
    public var memoryMaxBytes: Int64?
    public var memoryStepBytes: Int64?
    public var nicMax: Int?
    public var nameMax: Int?
    /// A regular expression (ECMA 262) that a machine's name must match.
    public var namePattern: String?
    public var tagMax: Int?

    public init(
      cpuMax: Int? = nil, memoryMaxBytes: Int64? = nil, memoryStepBytes: Int64? = nil, nicMax: Int? = nil,
      nameMax: Int? = nil, namePattern: String? = nil, tagMax: Int? = nil
    ) {
      self.cpuMax = cpuMax
      self.memoryMaxBytes = memoryMaxBytes
      self.memoryStepBytes = memoryStepBytes
      self.nicMax = nicMax
      self.nameMax = nameMax
      self.namePattern = namePattern
      self.tagMax = tagMax
    }
  }

  public struct Concurrency: Codable, Hashable, Sendable {
    public var jobs: Int?
    public var disks: Int?
    public var requestsPerSecond: Int?

    public init(jobs: Int? = nil, disks: Int? = nil, requestsPerSecond: Int? = nil) {
      self.jobs = jobs
      self.disks = disks
      self.requestsPerSecond = requestsPerSecond
    }
  }

  /// How long the connector may take, in milliseconds; the host caps each.
  public struct Timing: Codable, Hashable, Sendable {
    public var openMs: Int?
    public var graceMs: Int?
    public var heartbeatMs: Int?

    public init(openMs: Int? = nil, graceMs: Int? = nil, heartbeatMs: Int? = nil) {
      self.openMs = openMs
      self.graceMs = graceMs
      self.heartbeatMs = heartbeatMs
    }
  }

  /// How `resources/find` finds what a job made.
  public struct Cleanup: Codable, Hashable, Sendable {
    public var byTag: Bool
    public var byName: Bool

    public init(byTag: Bool, byName: Bool) {
      self.byTag = byTag
      self.byName = byName
    }
  }

  /// A kind of address that `source/open` takes.
  public struct Source: Codable, Hashable, Sendable {
    /// What stands before `://`, in lower case: `ebs`.
    public var scheme: String
    /// What is read from there, in the plural: `EBS snapshots`.
    public var title: String
    /// How such an address looks.
    public var example: String

    public init(scheme: String, title: String, example: String) {
      self.scheme = scheme
      self.title = title
      self.example = example
    }
  }

  public init(
    id: String, displayName: String, vendor: String, version: String, executable: String, docs: String? = nil,
    license: String? = nil, methods: [String] = [], features: [String] = [], connection: JSONValue,
    target: JSONValue, permissions: [Permission] = [], inventory: [InventoryKind] = [], disks: Disks, boot: [Boot],
    controllers: [Controller], nics: [NICModel], drivers: [DriverNeed], limits: Limits = Limits(),
    concurrency: Concurrency = Concurrency(), timing: Timing = Timing(), resumable: [String] = [],
    verify: [String] = [], cleanup: Cleanup, sources: [Source]? = nil
  ) {
    self.schema = Self.currentSchema
    self.id = id
    self.displayName = displayName
    self.vendor = vendor
    self.version = version
    self.protocolVersions = [ProtocolVersion.current]
    self.executable = executable
    self.docs = docs
    self.license = license
    self.methods = methods
    self.features = features
    self.connection = connection
    self.target = target
    self.permissions = permissions
    self.inventory = inventory
    self.disks = disks
    self.boot = boot
    self.controllers = controllers
    self.nics = nics
    self.drivers = drivers
    self.limits = limits
    self.concurrency = concurrency
    self.timing = timing
    self.resumable = resumable
    self.verify = verify
    self.cleanup = cleanup
    self.sources = sources
  }
}

/// The majors of the protocol: the highest that both sides have is spoken.
public enum ProtocolVersion {
  public static let current = 1
  public static let supported = [1]
}
