import Disks
import Foundation
import Support

/// Finds the images of a machine's disks by their names.
struct DiskMatcher {
  let shelf: ImageShelf
  /// The backup, for messages.
  let object: String
  private(set) var findings: [String] = []

  init(shelf: ImageShelf, object: String) {
    self.shelf = shelf
    self.object = object
  }

  /// - Throws: `backup.diskMissing`, `backup.ambiguous`, and what `DiskChain.parents` throws.
  mutating func match(_ disks: [DiskDraft]) throws(AscendError) -> [DiskCopies] {
    var hits = disks.map { hit($0) }
    let missing = hits.indices.filter { hits[$0].images.isEmpty }
    if missing.count == 1 { hits[missing[0]] = try onlyOneLeft(disks[missing[0]], hits) }
    if let place = missing.first, hits[place].images.isEmpty { throw self.missing(disks[place]) }
    var taken: [String: String] = [:]
    var found: [DiskCopies] = []
    for (disk, hit) in zip(disks, hits) {
      for image in hit.images {
        guard let other = taken.updateValue(disk.label, forKey: image.path) else { continue }
        throw AscendError(
          "backup.ambiguous", "The image \(image.name) could be that of two disks", object: object,
          cause: "of \(other) and of \(disk.label)", remedy: "Give each image the identifier of one disk in its name")
      }
      found.append(try DiskCopies(disk, hit.images, namedAfter: hit.identifier, within: shelf.folder))
    }
    return found
  }

  private func hit(_ disk: DiskDraft) -> (images: [ImageShelf.Image], identifier: String?) {
    // Copies are named after themselves or after their disk; both count alike.
    var all: [ImageShelf.Image] = []
    var named: String?
    for identifier in disk.identifiers {
      let images = shelf.images(namedAfter: identifier)
      guard !images.isEmpty else { continue }
      named = named ?? identifier
      all += images.filter { !all.contains($0) }
      if disk.copies[identifier] == nil { break }
    }
    return (all, named)
  }

  /// One disk without an image and one image without a disk belong together.
  private mutating func onlyOneLeft(
    _ disk: DiskDraft, _ hits: [(images: [ImageShelf.Image], identifier: String?)]
  ) throws(AscendError) -> (images: [ImageShelf.Image], identifier: String?) {
    let used = Set(hits.flatMap(\.images))
    var left: [ImageShelf.Image] = []
    var bases: Set<String> = []
    for image in shelf.images {
      let layers = try DiskChain.parents(of: image.path, format: image.format, within: shelf.folder)
      bases.formUnion(layers.dropLast().map(\.path))
      if !used.contains(image) { left.append(image) }
    }
    left.removeAll { bases.contains($0.path) }
    guard left.count == 1 else { return ([], nil) }
    findings.append("The image \(left[0].name) is named after no disk; it is taken for that of \(disk.label)")
    return (left, nil)
  }

  private func missing(_ disk: DiskDraft) -> AscendError {
    let names = disk.identifiers.prefix(6).map { $0.prefix(100) }.joined(separator: ", ")
    let there = shelf.images.prefix(12).map { $0.name.prefix(100) }.joined(separator: ", ")
    return AscendError(
      "backup.diskMissing", "No image of \(disk.label) is in the backup", object: object,
      cause: shelf.images.isEmpty ? "the folder holds no disk images" : "there are \(there)",
      remedy: names.isEmpty
        ? "Put it beside the description"
        : "Put it beside the description, with one of these in its name: \(names)")
  }
}
