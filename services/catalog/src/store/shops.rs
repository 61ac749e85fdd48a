//! Shops.

use storage::{Db, Error, Json, execute, fetch_all, fetch_optional};
use values::{CountryCode, Malformed, Slug, Text};

use crate::domain::{Address, OpeningHours, Shop};

#[derive(sqlx::FromRow)]
struct Row {
    slug: String,
    name: String,
    line1: String,
    postal_code: String,
    city: String,
    country: String,
    hours: Json<Vec<OpeningHours>>,
    note: Option<String>,
    latitude: f64,
    longitude: f64,
    #[sqlx(try_from = "i64")]
    position: u16,
}

impl TryFrom<Row> for Shop {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let read = |row: Row| {
            Ok(Self {
                slug: row.slug.try_into()?,
                name: row.name.try_into()?,
                address: Address {
                    line1: row.line1.try_into()?,
                    postal_code: row.postal_code.try_into()?,
                    city: row.city.try_into()?,
                    country: row.country.try_into()?,
                },
                hours: row.hours.0,
                note: row.note.map(Text::try_from).transpose()?,
                latitude: row.latitude.try_into()?,
                longitude: row.longitude.try_into()?,
                position: row.position,
            })
        };
        read(row).map_err(|error: Malformed| Error::Decode(error.into()))
    }
}

/// The shops of a country, or all shops, ordered by position.
pub async fn list(db: &Db, country: Option<&CountryCode>) -> Result<Vec<Shop>, Error> {
    let sql = "select slug, name, line1, postal_code, city, country, hours, note, latitude, longitude, position
        from shops where ($1 is null or country = $1) order by position, slug";
    let rows: Vec<Row> = fetch_all!(db, sql, country.map(CountryCode::as_str))?;
    rows.into_iter().map(Shop::try_from).collect()
}

pub async fn find(db: &Db, slug: &Slug) -> Result<Option<Shop>, Error> {
    let sql = "select slug, name, line1, postal_code, city, country, hours, note, latitude, longitude, position
        from shops where slug = $1";
    let row: Option<Row> = fetch_optional!(db, sql, slug.as_str())?;
    row.map(Shop::try_from).transpose()
}

/// Creates a shop or replaces it.
pub async fn update(db: &Db, shop: &Shop) -> Result<(), Error> {
    let sql = "insert into shops (slug, name, line1, postal_code, city, country, hours, note, latitude, longitude,
            position)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (slug) do update set
            name = excluded.name, line1 = excluded.line1, postal_code = excluded.postal_code, city = excluded.city,
            country = excluded.country, hours = excluded.hours, note = excluded.note,
            latitude = excluded.latitude, longitude = excluded.longitude, position = excluded.position";
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        sql,
        shop.slug.as_str(),
        shop.name.as_str(),
        shop.address.line1.as_str(),
        shop.address.postal_code.as_str(),
        shop.address.city.as_str(),
        shop.address.country.as_str(),
        Json(&shop.hours),
        shop.note.as_ref().map(Text::as_str),
        shop.latitude.get(),
        shop.longitude.get(),
        i64::from(shop.position),
    )?;
    tx.commit().await
}

/// Deletes a shop. False if it does not exist.
pub async fn delete(db: &Db, slug: &Slug) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let deleted = execute!(&mut tx, "delete from shops where slug = $1", slug.as_str())?;
    tx.commit().await?;
    Ok(deleted > 0)
}
