import ConnectorProtocol
import Support

/// Fills in what a backup does not say of its machine: from the options, or with what most machines can start with.
struct Completion {
  static let defaultCPUs = 2
  static let defaultMemoryBytes: Int64 = 4 << 30

  var options: ReadOptions
  private(set) var findings: [String] = []

  init(_ options: ReadOptions) { self.options = options }

  /// For a backup that holds nothing of the processors.
  mutating func cpu() -> MachineDescription.CPU {
    if let count = options.cpus { return .init(count: count) }
    findings.append(
      "The backup does not say how many processors the machine had: \(Self.defaultCPUs) are assumed (--cpus)")
    return .init(count: Self.defaultCPUs)
  }

  /// For a backup that holds nothing of the memory.
  mutating func memoryBytes() -> Int64 {
    if let bytes = options.memoryBytes { return bytes }
    findings.append(
      "The backup does not say how much memory the machine had: \(Format.bytes(Self.defaultMemoryBytes)) are assumed "
        + "(--memory)")
    return Self.defaultMemoryBytes
  }

  /// For a backup that holds nothing of the firmware; `guess` is what its boot disk looks like.
  mutating func firmware(guess: FirmwareType?) -> MachineDescription.Firmware {
    if let type = options.firmware { return .init(type: type) }
    if let guess {
      findings.append("The backup does not say which firmware the machine had: its boot disk is made for \(guess)")
      return .init(type: guess)
    }
    findings.append("The backup does not say which firmware the machine had: bios is assumed (--firmware)")
    return .init(type: .bios)
  }

  /// For a backup that holds nothing of the network interfaces.
  mutating func nics() -> [MachineDescription.NIC] {
    if let nics = options.nics { return nics }
    findings.append("The backup does not say which network interfaces the machine had: one is assumed")
    return [.init(index: 0)]
  }
}

extension ReadOptions {
  /// Lets what was said when the backup was added stand over what the backup says.
  func apply(to backup: inout Backup) {
    func note(_ what: String, _ said: String, _ found: String) {
      guard said != found else { return }
      backup.findings.append("\(what): \(said), as given when it was added; the backup says \(found)")
    }
    if let cpus, cpus != backup.machine.cpu.count {
      note("Processors", String(cpus), String(backup.machine.cpu.count))
      backup.machine.cpu = .init(count: cpus)
    }
    if let memoryBytes {
      note("Memory", Format.bytes(memoryBytes), Format.bytes(backup.machine.memoryBytes))
      backup.machine.memoryBytes = memoryBytes
    }
    if let firmware {
      note("Firmware", firmware.rawValue, backup.machine.firmware.type.rawValue)
      backup.machine.firmware.type = firmware
      if firmware == .bios { backup.machine.firmware.secureBoot = false }
    }
    if let guest {
      let family = GuestWords.family(guest)
      backup.machine.guest = .init(
        family: family ?? backup.machine.guest?.family, name: guest, sourceID: backup.machine.guest?.sourceID)
    }
    backup.options = self
  }
}
