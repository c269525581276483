import ConnectorProtocol
import Disks
import Foundation
import Support

/// Reads the disks of a machine that a platform's own description tells of.
struct DescribedReader: BackupSource {
  let location: BackupLocation
  let draft: MachineDraft
  let shelf: ImageShelf

  init(location: BackupLocation, draft: MachineDraft) throws(AscendError) {
    self.location = location
    self.draft = draft
    shelf = try ImageShelf(location.folder)
  }

  func read(checkDigests: Bool, progress: @escaping BackupReader.Progress) async throws(AscendError) -> Backup {
    var findings = draft.findings
    var disks = draft.disks ?? []
    if draft.disks == nil {
      disks = BareDisks.drafts(of: try BareDisks.tops(of: shelf))
      findings.append(
        "The description does not tell of the machine's disks: the images in the folder are taken, by name")
    }
    guard !disks.isEmpty else {
      throw AscendError(
        "backup.diskMissing", "The machine \(draft.name) has no disk that could be restored", object: location.path,
        remedy: "Put its disks' images beside the description")
    }
    var matcher = DiskMatcher(shelf: shelf, object: location.path)
    let copies = try matcher.match(disks)
    findings += matcher.findings
    let digests = try ChecksumFiles.digests(location, of: shelf)
    if checkDigests { try await DigestCheck.checkAll(digests, progress) }
    if digests.isEmpty { findings.append(DigestCheck.noDigests) }
    let points = PointAligner.align(copies, &findings)
    var known = CheckedChains()
    var restorePoints: [RestorePoint] = []
    for (place, point) in points.enumerated() {
      var held: [BackupDisk] = []
      for (index, copy) in point.copies.enumerated() {
        // How much of an older state is data is looked up when somebody wants it.
        let chain = try await DiskChain.resolve(
          copy.layers, within: location.folder, countAllocated: place == points.count - 1, known: &known)
        held.append(BackupDisk(index: index, chain: chain))
      }
      restorePoints.append(
        RestorePoint(
          id: point.id, name: point.name, takenAt: point.takenAt, parent: place > 0 ? points[place - 1].id : nil,
          disks: held))
    }
    let newest = restorePoints.last?.disks ?? []
    if copies.allSatisfy({ $0.copies.count == 1 }) {
      restorePoints = try await ChainPoints.of(newest, within: location.folder, known: &known, findings: &findings)
    }
    return try await backup(newest, restorePoints, disks, findings, digests)
  }

  private func backup(
    _ held: [BackupDisk], _ points: [RestorePoint], _ drafts: [DiskDraft], _ findings: [String],
    _ digests: [RecordedDigest]
  ) async throws(AscendError) -> Backup {
    var findings = findings
    let machine = await draft.machine(held, drafts, location.options, &findings)
    if points.count > 1 {
      findings.append("The backup holds \(points.count) restore points; the newest, \(points.last?.id ?? ""), counts")
    }
    return Backup(
      name: draft.name, platform: draft.platform, product: draft.product, kind: draft.kind, path: location.path,
      takenAt: points.last?.takenAt.flatMap(Timestamp.date) ?? draft.takenAt, machine: machine, disks: held,
      losses: draft.losses, findings: findings, digests: digests, points: points.count > 1 ? points : [])
  }
}
