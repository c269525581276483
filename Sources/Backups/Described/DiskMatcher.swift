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
    var hits = disks.map(images)
    let missing = hits.indices.filter { hits[$0].isEmpty }
    if missing.count == 1 { hits[missing[0]] = try onlyOneLeft(disks[missing[0]], Set(hits.joined().map(\.image))) }
    if let place = missing.first, hits[place].isEmpty { throw self.missing(disks[place]) }
    var taken: [String: String] = [:]
    var found: [DiskCopies] = []
    for (disk, hits) in zip(disks, hits) {
      for image in hits.map(\.image) {
        guard let other = taken.updateValue(disk.label, forKey: image.path) else { continue }
        throw AscendError(
          "backup.ambiguous", "The image \(image.name) could be that of two disks", object: object,
          cause: "of \(other) and of \(disk.label)", remedy: "Give each image the identifier of one disk in its name")
      }
      found.append(try DiskCopies(disk, hits, within: shelf.folder))
    }
    return found
  }

  /// An image, and the identifier that stands in its name.
  struct Hit {
    var image: ImageShelf.Image
    var identifier: String?
  }

  private func images(of disk: DiskDraft) -> [Hit] {
    // Copies are named after themselves or after their disk; both count alike.
    var hits: [Hit] = []
    for identifier in disk.identifiers {
      let images = shelf.images(namedAfter: identifier).filter { image in !hits.contains { $0.image == image } }
      hits += images.map { Hit(image: $0, identifier: identifier) }
      if !images.isEmpty, disk.copies[identifier] == nil { break }
    }
    return hits
  }

  /// One disk without an image and one image without a disk belong together.
  private mutating func onlyOneLeft(_ disk: DiskDraft, _ used: Set<ImageShelf.Image>) throws(AscendError) -> [Hit] {
    var left: [ImageShelf.Image] = []
    var bases: Set<String> = []
    for image in shelf.images {
      let layers = try DiskChain.parents(of: image.path, format: image.format, within: shelf.folder)
      bases.formUnion(layers.dropLast().map(\.path))
      if !used.contains(image) { left.append(image) }
    }
    left.removeAll { bases.contains($0.path) }
    guard left.count == 1 else { return [] }
    findings.append("The image \(left[0].name) is named after no disk; it is taken for that of \(disk.label)")
    return [Hit(image: left[0])]
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
