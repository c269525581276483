/// What came of booting a guest on the hardware that a target will present: a verdict and its evidence.
public struct BootProof: Codable, Hashable, Sendable {
  public enum Verdict: String, Codable, Sendable {
    /// The guest started on this hardware.
    case proven
    case failed
    /// This computer cannot tell.
    case notProvable = "not-provable"
  }

  /// How the boot ended.
  public enum Ending: String, Codable, Sendable {
    case login
    /// The guest has no console on its serial port: it wrote to its root disk, and its screen shows one picture, in which
    /// at most details change.
    case stillScreen
    case noRootDisk
    case emergencyMode
    case panic
    case bootLoader
    case bootLoop
    case poweredOff
    case standstill
    case timeLimit
    /// It asks for the passphrase of an encrypted disk, and no key that was given answers it.
    case passphrase
    case notTried
  }

  public var verdict: Verdict
  public var ending: Ending
  /// What was seen, or why the boot failed or proves nothing.
  public var reason: String
  public var hardware: BootHardware
  /// `kvm` or `tcg`; nil where nothing was booted.
  public var accelerator: String?
  public var seconds: Double
  public var disks: [Disk]
  public var nics: [NIC]
  /// Files that were kept.
  public var serialLog: String?
  public var screenshot: String?
  public var notes: [String]

  public struct Disk: Codable, Hashable, Sendable {
    public var index: Int
    public var bus: String
    public var bytesRead: Int64
    /// Firmware and boot loaders hardly write: what is written came through the guest's own driver, but for the tens of
    /// kilobytes in which a boot manager keeps its state.
    public var bytesWritten: Int64
    /// Drivers that serve it: those that the guest named, and, where it wrote more than a boot loader does, those that
    /// the target expects for a disk on this bus.
    public var drivers: [String]
    /// Of these, what the guest itself named when it found the disk; the others are expected, and only the use of the
    /// disk was seen. Nil in reports of versions that did not look for it.
    public var driversSeen: [String]?
  }

  public struct NIC: Codable, Hashable, Sendable {
    public var model: String
    public var mac: String?
    /// Packets that came from the guest: none where it has no driver, or does not use the interface.
    public var packetsSent: Int
    /// The address that it was given, or gave itself.
    public var address: String?
    /// Drivers that serve it: those that the guest named, and, where it sent something, those that the target expects.
    public var drivers: [String]
    /// As of a disk.
    public var driversSeen: [String]?
  }

  /// What is known before anything was tried.
  public static func untried(_ hardware: BootHardware) -> BootProof { notProvable("it was not tried", hardware) }

  static func notProvable(_ reason: String, _ hardware: BootHardware) -> BootProof {
    BootProof(
      verdict: .notProvable, ending: .notTried, reason: reason, hardware: hardware, seconds: 0, disks: [], nics: [],
      notes: [])
  }

  /// The verdict in one line: `proven: up after 24 s: lab login:`.
  public var summary: String {
    switch verdict {
    case .proven: "proven: \(reason)"
    case .failed: "failed: \(reason)"
    case .notProvable: "not provable here: \(reason)"
    }
  }
}
