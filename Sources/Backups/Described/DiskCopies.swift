import Disks
import Foundation
import Support

/// The copies of one disk that a backup holds, oldest first.
struct DiskCopies {
  struct Copy {
    /// What tells it from the disk's other copies.
    var label: String
    var name: String?
    var takenAt: Date?
    var image: ImageShelf.Image
    /// Base first.
    var layers: [ImageLayer]
  }

  var disk: DiskDraft
  var copies: [Copy]

  /// - Parameter hits: The disk's images: several where they are copies of it, or a chain of increments.
  /// - Throws: what `DiskChain.parents` throws.
  init(_ disk: DiskDraft, _ hits: [DiskMatcher.Hit], within folder: String) throws(AscendError) {
    self.disk = disk
    copies = []
    for hit in hits {
      let image = hit.image
      let layers = try DiskChain.parents(of: image.path, format: image.format, within: folder)
      let known = disk.copies.first { NameWord($0.key)?.place(in: image.name) != nil }
      let rest = hit.identifier.flatMap(NameWord.init)?.rest(of: image.name) ?? ""
      copies.append(
        Copy(
          label: known?.key ?? rest, name: known?.value.name, takenAt: known?.value.takenAt, image: image,
          layers: layers))
    }
    copies = Self.ordered(copies)
  }

  /// A copy that others stand on comes before them; else the time that the platform noted counts, else the name.
  private static func ordered(_ copies: [Copy]) -> [Copy] {
    let byName = copies.sorted { one, other in
      if let first = one.takenAt, let second = other.takenAt, first != second { return first < second }
      return one.label.compare(other.label, options: [.numeric, .caseInsensitive]) == .orderedAscending
    }
    // Repeatedly the first, by name, of those that stand on none of the others that are left.
    var left = byName
    var ordered: [Copy] = []
    while !left.isEmpty {
      let place = left.firstIndex { copy in
        !left.contains { $0.image != copy.image && copy.layers.dropLast().map(\.path).contains($0.image.path) }
      }
      ordered.append(left.remove(at: place ?? 0))
    }
    return ordered
  }
}
