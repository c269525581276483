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

  func inspection(_ key: String) throws(AscendError) -> GuestFacts? {
    try read { try InspectionRecord.fetchOne($0, key: key)?.facts }
  }

  func rememberInspection(_ key: String, _ facts: GuestFacts) throws(AscendError) {
    try write { db in
      try InspectionRecord(key: key, facts: facts, createdAt: Date()).save(db)
      let surplus = try InspectionRecord.fetchCount(db) - Self.mostInspections
      if surplus > 0 { try InspectionRecord.order(Column("created_at")).limit(surplus).deleteAll(db) }
    }
  }
}
