import ConnectorProtocol
import Disks
import Foundation
import Support

extension Backup.Kind {
  /// Disks and nothing else.
  public static let disks: Backup.Kind = "disks"
}

/// Images that nothing describes, as the disks of one machine.
enum BareDisks {
  /// The images that no other one stands on, by name; those of the system first where their names say so.
  static func tops(of shelf: ImageShelf) throws(AscendError) -> [ImageShelf.Image] {
    var below: Set<String> = []
    for image in shelf.images {
      let layers = try DiskChain.parents(of: image.path, format: image.format, within: shelf.folder)
      below.formUnion(layers.dropLast().map(\.path))
    }
    return shelf.images.filter { !below.contains($0.path) }.sorted { one, other in
      let ranks = [rank(one.name), rank(other.name)]
      if ranks[0] != ranks[1] { return ranks[0] < ranks[1] }
      return one.name.compare(other.name, options: [.numeric, .caseInsensitive]) == .orderedAscending
    }
  }

  private static let systemWords = ["root", "boot", "os", "system", "osdisk", "sda", "vda", "xvda", "nvme0n1", "sda1"]

  private static func rank(_ name: String) -> Int {
    systemWords.contains { NameWord($0)?.place(in: name) != nil } ? 0 : 1
  }

  /// Each image as a disk of its own, found by its name.
  static func drafts(of images: [ImageShelf.Image]) -> [DiskDraft] {
    images.enumerated().map { place, image in
      var draft = DiskDraft(label: MachineDraft.clean(image.name, or: "disk \(place)"), identifiers: [image.name])
      draft.boot = place == 0
      return draft
    }
  }
}
