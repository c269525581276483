import ConnectorProtocol
import Foundation
import Testing

@testable import Guests

extension Lab {
  /// Machines at once: with more of them than processors each only takes longer.
  private static let bootGate = ApplianceGate(limit: 3)
  /// Emulated, and beside others.
  private static let bootLimits = BootLimits(total: .seconds(900), still: .seconds(300))

  /// Boots a guest and throws away what it wrote.
  ///
  /// - Returns: The verdict, and what the guest said on its serial port.
  static func boot(
    _ disk: GuestDisk, on hardware: BootHardware, needs: [DriverNeed], in folder: TemporaryFolder
  ) async throws -> (BootProof, String) {
    let evidence = folder.url.appendingPathComponent(UUID().uuidString).path
    try #require(await bootGate.enter())
    defer { bootGate.leave() }
    let proof = try await BootProver().prove(
      [GuestDisk(path: disk.path, format: disk.format)], on: hardware, needs: needs, evidence: evidence,
      limits: bootLimits
    ) { _ in }
    print("boot proof on \(hardware.description): \(proof.summary) (\(Int(proof.seconds)) s)")
    let serial = proof.serialLog.flatMap { FileManager.default.contents(atPath: $0) } ?? Data()
    return (proof, String(decoding: serial, as: UTF8.self))
  }

  /// A small machine with one disk and BIOS.
  static func hardware(_ bus: String) -> BootHardware {
    BootHardware(firmware: .bios, memoryBytes: 768 << 20, buses: [bus])
  }
}
