import ConnectorProtocol
import Foundation
import GRDB
import Support

/// What was found in a guest, by what the finding depends on.
struct InspectionRecord: StoredRecord {
  static let databaseTableName = "guest_inspections"

  var key: String
  var facts: GuestFacts
  var createdAt: Date

  enum CodingKeys: String, CodingKey {
    case key, facts
    case createdAt = "created_at"
  }
}

extension Store {
  /// Findings that are kept; the oldest go first.
  private static let mostInspections = 2000

  /// What was found under any of `keys`; it is then known under all of them.
  func inspection(_ keys: [String]) throws(AscendError) -> GuestFacts? {
    let found = try read { db in try InspectionRecord.fetchAll(db, keys: keys) }
    guard let facts = found.first?.facts else { return nil }
    if found.count < keys.count { try rememberInspection(keys, facts) }
    return facts
  }

  func rememberInspection(_ keys: [String], _ facts: GuestFacts) throws(AscendError) {
    try write { db in
      for key in keys { try InspectionRecord(key: key, facts: facts, createdAt: Date()).save(db) }
      let surplus = try InspectionRecord.fetchCount(db) - Self.mostInspections
      if surplus > 0 { try InspectionRecord.order(Column("created_at")).limit(surplus).deleteAll(db) }
    }
  }
}
