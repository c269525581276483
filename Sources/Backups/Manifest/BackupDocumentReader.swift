import ConnectorProtocol
import Disks
import Foundation
import Support

/// Reads a folder with a `backup.json`.
struct BackupDocumentReader: BackupSource {
  var files: FolderFiles
  var file: BackupFile

  func read(checkDigests: Bool, progress: @escaping BackupReader.Progress) async throws(AscendError) -> Backup {
    let document = try parse(try file.contents(limit: BackupDocument.longest))
    guard let takenAt = Timestamp.date(document.takenAt) else {
      throw malformed("takenAt, \"\(document.takenAt.prefix(60))\", is no point in time as RFC 3339 writes it")
    }
    let described = document.machine.disks.map(\.index).sorted()
    let ordered = document.disks.sorted { $0.index < $1.index }
    guard described == Array(described.indices), ordered.map(\.index) == described else {
      throw malformed("the disks of the machine and their images are not the same, counted from 0")
    }
    let digests = try digests(of: ordered)
    if checkDigests { try await DigestCheck.checkAll(digests, progress) }
    var findings = missingDigests(digests, ordered)
    var machine = document.machine
    var disks: [BackupDisk] = []
    var known = CheckedChains()
    for disk in ordered {
      let layers = try disk.chain.map { (image) throws(AscendError) in
        ImageLayer(path: try locate(image).path, format: image.format)
      }
      let chain = try await DiskChain.resolve(layers, within: files.folder, known: &known)
      if let place = machine.disks.firstIndex(where: { $0.index == disk.index }),
        machine.disks[place].sizeBytes != chain.virtualSizeBytes
      {
        findings.append(
          "Disk \(disk.index) has \(chain.virtualSizeBytes) bytes; the description says "
            + "\(machine.disks[place].sizeBytes)")
        machine.disks[place].sizeBytes = chain.virtualSizeBytes
      }
      disks.append(BackupDisk(index: disk.index, chain: chain))
    }
    let points = try await ChainPoints.of(disks, within: files.folder, known: &known, findings: &findings)
    return Backup(
      name: machine.name, platform: document.platform, product: document.product, kind: .manifest, path: file.path,
      takenAt: takenAt, machine: machine, disks: disks, findings: findings, digests: digests,
      points: points)
  }

  private func parse(_ bytes: [UInt8]) throws(AscendError) -> BackupDocument {
    do {
      let document = try JSONDecoder().decode(BackupDocument.self, from: Data(bytes))
      guard document.schema == BackupDocument.currentSchema else {
        throw malformed("its schema \"\(document.schema.prefix(60))\" is not known here")
      }
      guard document.machine.cpu.count > 0, document.machine.memoryBytes > 0 else {
        throw malformed("the machine has no processor or no memory")
      }
      return document
    } catch let error as AscendError {
      throw error
    } catch let error as DecodingError {
      throw malformed(Self.reason(error))
    } catch {
      throw malformed(String(describing: error))
    }
  }

  private func locate(_ image: BackupDocument.Image) throws(AscendError) -> BackupFile {
    let name = try MemberName.checked(image.file, in: file.path)
    guard let found = try files.file(name) else {
      throw AscendError(
        "backup.diskMissing", "The image \(name) is not in the backup", object: file.path,
        remedy: "Copy the backup again, with all of its files")
    }
    if let size = image.sizeBytes, size != found.length {
      throw AscendError(
        "backup.diskTruncated", "The image \(name) has not the size that the backup says", object: found.path,
        cause: "it has \(found.length) bytes, \(BackupDocument.fileName) says \(size)",
        remedy: "Copy the backup again")
    }
    return found
  }

  private func digests(of disks: [BackupDocument.Disk]) throws(AscendError) -> [RecordedDigest] {
    var digests: [RecordedDigest] = []
    for image in disks.flatMap(\.chain) {
      let found = try locate(image)
      guard let value = image.sha256?.lowercased() else { continue }
      guard value.utf8.count == 64, value.allSatisfy(\.isHexDigit) else {
        throw malformed("the sha256 of \(image.file) is not 64 hexadecimal digits")
      }
      digests.append(
        RecordedDigest(
          member: found.name, path: found.path, length: found.length, algorithm: .sha256, value: value))
    }
    return digests
  }

  private func missingDigests(_ digests: [RecordedDigest], _ disks: [BackupDocument.Disk]) -> [String] {
    disks.flatMap(\.chain).filter { $0.sha256 == nil }.map {
      "The backup holds no digest of \($0.file): nothing tells whether it is as it was written"
    }
  }

  private func malformed(_ cause: String) -> AscendError {
    AscendError(
      "backup.manifestMalformed", "The backup's description cannot be used", object: file.path, cause: cause,
      remedy: "Correct it: protocol/v1/schema/backup.schema.json says what it holds")
  }

  private static func reason(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
      let keys = (context.codingPath + [key].compactMap(\.self)).map { $0.intValue.map(String.init) ?? $0.stringValue }
      return keys.isEmpty ? "the document" : keys.joined(separator: "/")
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(place(context, key)) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "\(place(context)) is of the wrong kind: \(context.debugDescription)"
    case .dataCorrupted(let context): return "\(place(context)) is not valid: \(context.debugDescription)"
    @unknown default: return "it is not valid"
    }
  }
}
