import Backups
import ConnectorProtocol
import Disks
import Foundation
import Guests
import Planning
import Support

/// Lays a writable overlay over each disk of the backup, puts into the guest what the target needs, and makes the copy
/// of a disk where the platform takes nothing but a file.
struct PrepareStep {
  let context: JobContext
  let session: OpenSession
  let plan: RestorePlan

  /// What the step leaves for the next ones.
  struct Outcome: Codable, Sendable {
    /// Names the content of the prepared disks: a transfer of another generation starts anew.
    var generation: String
    var disks: [Disk]
    var preparation: PreparationReport?
    var bootProof: BootProof?

    struct Disk: Codable, Sendable {
      var index: Int
      /// The backup's chain with the overlay on top.
      var chain: DiskChain
    }

    func chain(_ index: Int) throws(AscendError) -> DiskChain {
      guard let disk = disks.first(where: { $0.index == index }) else {
        throw AscendError("job.inconsistent", "The job knows of no overlay for disk \(index)", object: "disk \(index)")
      }
      return disk.chain
    }
  }

  func run() async throws -> Outcome {
    try removeOverlays()
    do {
      return try await prepare()
    } catch {
      // Half-prepared overlays are of no use to anybody: the next attempt begins with the backup.
      try? removeOverlays()
      throw error
    }
  }

  private func prepare() async throws -> Outcome {
    var outcome = Outcome(generation: TimeOrderedUUID.make(), disks: [], preparation: nil)
    for disk in context.backup.backup.disks {
      // The overlay has the size that the platform takes: what lies beyond the backup's end reads as zeros.
      let planned = plan.disks.first { $0.index == disk.index }
      let chain = try await Overlay.create(
        at: context.overlay(disk.index), over: disk.chain, sizeBytes: planned?.effectiveSizeBytes)
      outcome.disks.append(Outcome.Disk(index: disk.index, chain: chain))
    }
    let isLookedInto = plan.preparation.planned || context.job.options.bootProof
    let keys = isLookedInto ? try context.engine.diskKeys(context.job.options) : []
    if plan.preparation.planned {
      let disks = outcome.disks.map {
        GuestDisk(path: context.overlay($0.index), format: "qcow2", readOnly: false)
      }
      let report = try await GuestPreparer(logger: context.engine.logger).prepare(
        disks, needs: plan.preparation.needs, recordedFirmware: context.backup.backup.machine.firmware.type,
        keys: keys,
        windows: WindowsWish(
          context.job.options, machine: context.backup.backup.machine, document: session.document),
        linux: LinuxWish(plan: plan, machine: context.backup.backup.machine, options: context.job.options)
      ) { context.board.message($0) }
      for line in report.summary { context.board.log(.info, "guest", line) }
      guard report.prepared else {
        throw RestoreEngine.notPrepared(report, context.backup.name)
      }
      outcome.preparation = report
    } else {
      context.board.log(.info, "guest", plan.preparation.reason)
    }
    if context.job.options.bootProof { outcome.bootProof = try await prove(keys, outcome.preparation?.facts) }
    for disk in plan.disks where disk.path.isStaged { try await stage(disk, outcome.chain(disk.index)) }
    return outcome
  }

  /// Before a byte is sent: does the guest start on the hardware that it will get?
  private func prove(_ keys: [DiskKey], _ facts: GuestFacts?) async throws -> BootProof {
    let disks = context.backup.backup.disks.map { GuestDisk(path: context.overlay($0.index), format: "qcow2") }
    let hardware = BootHardware(plan: plan, document: session.document, machine: context.backup.backup.machine)
    let proof = try await BootProver(logger: context.engine.logger).prove(
      disks, on: hardware, needs: plan.preparation.needs.onBuses(of: session.document),
      keys: (facts ?? context.backup.guest)?.typed(keys) ?? [], evidence: context.folder + "/boot-proof"
    ) { context.board.message($0) }
    context.board.log(proof.verdict == .proven ? .info : .warning, "boot proof", proof.summary)
    guard proof.verdict != .failed else { throw BootFailed(proof: proof, backup: context.backup.name).error }
    return proof
  }

  private func stage(_ disk: RestorePlan.PlannedDisk, _ chain: DiskChain) async throws {
    guard let format = disk.path.format else { return }
    let path = context.staged(disk.index, format: format)
    let kind = ImageKind(ImageFormat(rawValue: format), subformat: disk.path.subformat)
    let estimate = try await ConversionEstimate.of(chain, as: kind, at: path)
    context.board.log(
      estimate.imageBytes > estimate.freeBytes ? .warning : .info, "disk",
      "disk \(disk.index) is converted to \(kind.name): about \(Format.bytes(estimate.imageBytes)) in about "
        + "\(Format.duration(seconds: estimate.seconds)); \(Format.bytes(estimate.freeBytes)) are free")
    try await DiskConversion.convert(
      chain, to: kind, at: path,
      progress: { now in
        let left = now.secondsLeft.map { ", \(Format.duration(seconds: $0)) left" } ?? ""
        context.board.message("converting disk \(disk.index) to \(kind.name)\(left)", fraction: now.share)
      }, log: { context.board.log(.warning, "disk", "disk \(disk.index): \($0)") })
  }

  /// An attempt that was interrupted may have left overlays behind, half-made or half-prepared.
  private func removeOverlays() throws {
    try JobFolder(path: context.folder).removeImages()
  }
}
