public import Foundation

/// How the appliance (a small Linux in a virtual machine, in which guest filesystems are mounted) is run.
public struct ApplianceOptions: Sendable {
  /// Whether the appliance may use hardware virtualisation.
  public enum Acceleration: Sendable {
    /// Hardware virtualisation when a trial run of it succeeds on this computer, emulation otherwise.
    case automatic
    case emulated
  }

  public var acceleration: Acceleration
  /// Memory of the appliance in MiB. Filesystem checks and large directories need more than libguestfs's default.
  public var memoryMiB: Int
  public var processors: Int
  /// Longest time from the start of the appliance until it answers. The first start on a computer also builds it, and
  /// an emulated one on a busy computer takes many times its usual fifteen seconds.
  public var launchLimit: Duration
  /// Longest time for everything that is done in one appliance.
  public var totalLimit: Duration
  /// Where private temporary folders are made; each is removed when its appliance is closed.
  public var temporaryDirectory: String

  public init(
    acceleration: Acceleration = .automatic, memoryMiB: Int = 1024, processors: Int = 2,
    launchLimit: Duration = .seconds(600), totalLimit: Duration = .seconds(1800),
    temporaryDirectory: String = FileManager.default.temporaryDirectory.path
  ) {
    self.acceleration = acceleration
    self.memoryMiB = memoryMiB
    self.processors = processors
    self.launchLimit = launchLimit
    self.totalLimit = totalLimit
    self.temporaryDirectory = temporaryDirectory
  }

  /// The same, with the memory that it takes to derive a key from a passphrase: up to 1 GiB in LUKS 2's usual way.
  func opening(_ keys: [DiskKey]) -> ApplianceOptions {
    guard !keys.isEmpty else { return self }
    var options = self
    options.memoryMiB = max(memoryMiB, 2048)
    return options
  }
}
