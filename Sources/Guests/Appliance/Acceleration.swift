import Foundation
import Glibc
import Logging
import Support

/// Finds out once per process whether hardware virtualisation really works here, not only whether its device exists.
actor Acceleration {
  static let shared = Acceleration()

  private var known: Bool?

  /// The answer of a trial that takes about a tenth of a second.
  func hardwareWorks(logger: Logger) async -> Bool {
    if let known { return known }
    let works = await Self.probe()
    // Two first callers may both have tried; only one of them says so.
    if known == nil {
      known = works
      if works {
        logger.info("the appliance uses KVM")
      } else {
        logger.notice("KVM cannot be used on this computer: the appliance is emulated and slower")
      }
    }
    return works
  }

  private static func probe() async -> Bool {
    guard access("/dev/kvm", R_OK | W_OK) == 0 else { return false }
    #if arch(x86_64)
    return await firmwareRuns()
    #else
    // There is no trial for other processors; libguestfs falls back by itself when the device refuses.
    return true
    #endif
  }

  /// Runs five bytes of firmware under KVM, with the processor model that libguestfs uses.
  ///
  /// A nested or restricted KVM can offer its device and still abort QEMU when the processor is set up, which
  /// libguestfs does not recover from.
  private static func firmwareRuns() async -> Bool {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ascend-kvm-\(UUID().uuidString).bin")
    var firmware = Data(count: 65536)
    // At the reset vector: mov al, 0x10; out 0xf4, al; hlt.
    firmware.replaceSubrange(0xfff0..<0xfff5, with: [0xb0, 0x10, 0xe6, 0xf4, 0xf4])
    defer { try? FileManager.default.removeItem(at: path) }
    do {
      try firmware.write(to: path)
      let result = try await Tool.run(
        "qemu-system-x86_64",
        [
          "-nodefaults", "-display", "none", "-no-reboot", "-machine", "pc,accel=kvm", "-cpu", "max", "-m", "16",
          "-bios", path.path, "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
        ],
        limits: ToolLimits(wallSeconds: 10))
      // isa-debug-exit ends QEMU with twice the written value plus one.
      return result.exitCode == 0x21
    } catch {
      // Emulation is always the safe answer; a missing QEMU is reported by the appliance's own start.
      return false
    }
  }
}
