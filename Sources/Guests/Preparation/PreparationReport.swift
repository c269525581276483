public import ConnectorProtocol

/// What preparation did to a guest, with the evidence.
public struct PreparationReport: Sendable, Hashable, Codable {
  /// The guest has all that was asked for, whether it had to be changed for it or not.
  public var prepared: Bool
  /// Why it is not prepared, or why nothing had to be done.
  public var reason: String?
  /// What the guest lacks, when it is not prepared.
  public var missing: [String]
  public var facts: GuestFacts
  public var kernels: [Kernel]
  /// Drivers of a Windows guest; nil for others.
  public var drivers: [Driver]?
  public var changes: [FileChange]
  public var warnings: [String]

  public init(
    prepared: Bool, reason: String? = nil, missing: [String] = [], facts: GuestFacts, kernels: [Kernel] = [],
    changes: [FileChange] = [], warnings: [String] = []
  ) {
    self.prepared = prepared
    self.reason = reason
    self.missing = missing
    self.facts = facts
    self.kernels = kernels
    self.changes = changes
    self.warnings = warnings
  }

  /// Whether anything was written to the guest's disks.
  public var changed: Bool { !changes.isEmpty || kernels.contains { !$0.added.isEmpty || $0.rebuiltBy != nil } }

  /// One kernel, as read back from the guest after the change.
  public struct Kernel: Sendable, Hashable, Codable {
    public var version: String
    public var initramfs: String
    /// Modules that were added to the initramfs, dependencies included, in loading order.
    public var added: [String]
    /// Bytes that the initramfs grew by.
    public var addedBytes: Int64
    /// Asked drivers that are now in the initramfs.
    public var inInitramfs: [String]
    /// Asked drivers that are compiled into the kernel.
    public var builtIn: [String]
    /// Where the original initramfs was kept, if it was.
    public var original: String?
    /// The guest's own command that made the initramfs anew, where it did: `added` is then what it still lacked.
    public var rebuiltBy: String?

    public init(
      version: String, initramfs: String, added: [String], addedBytes: Int64, inInitramfs: [String],
      builtIn: [String], original: String? = nil
    ) {
      self.version = version
      self.initramfs = initramfs
      self.added = added
      self.addedBytes = addedBytes
      self.inInitramfs = inInitramfs
      self.builtIn = builtIn
      self.original = original
    }
  }

  /// One driver of a Windows guest, as read back from the guest's registry and files.
  public struct Driver: Sendable, Hashable, Codable {
    /// The service: `viostor`.
    public var name: String
    /// Its file in `System32\drivers`.
    public var file: String
    /// What it is and when it starts, in words.
    public var state: String
    /// Of the package that it came from, as that was.
    public var version: String?
    public var source: String?
    /// The control sets in which it starts with the kernel.
    public var controlSets: [String]
    /// The hardware ids under which the kernel finds it.
    public var devices: [String]

    public init(
      name: String, file: String, state: String, version: String? = nil, source: String? = nil,
      controlSets: [String] = [], devices: [String] = []
    ) {
      self.name = name
      self.file = file
      self.state = state
      self.version = version
      self.source = source
      self.controlSets = controlSets
      self.devices = devices
    }
  }

  /// One changed place in a file of the guest; nil stands for a line or file that was not there before, or is gone.
  public struct FileChange: Sendable, Hashable, Codable {
    public var path: String
    public var before: String?
    public var after: String?

    public init(path: String, before: String? = nil, after: String? = nil) {
      self.path = path
      self.before = before
      self.after = after
    }
  }
}
