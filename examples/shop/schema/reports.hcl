view "order_totals" {
  schema  = schema.shop
  comment = "Every order with what it is worth"
  as      = <<-SQL
    SELECT o.id, o.placed_at, o.customer_id, o.status, coalesce(sum(i.total), 0) AS total
    FROM shop.orders o
    LEFT JOIN shop.order_items i ON i.order_id = o.id
    GROUP BY o.id, o.placed_at, o.customer_id, o.status
  SQL
}

# A view on a view: it has to go and come back when the one below it changes its columns.
view "open_orders" {
  schema = schema.shop
  as     = <<-SQL
    SELECT t.id, t.placed_at, c.name AS customer, t.total
    FROM shop.order_totals t
    JOIN shop.customers c ON c.id = t.customer_id
    WHERE t.status = 'placed' OR t.status = 'paid'
  SQL
}

view "on_sale" {
  schema = schema.shop
  as     = <<-SQL
    SELECT p.sku, p.name, p.price, g.name AS category
    FROM shop.products p
    JOIN shop.categories g ON g.id = p.category_id
    WHERE p.state = 'on_sale'
  SQL
}

materialized "monthly_sales" {
  schema  = schema.shop
  comment = "Refreshed every night"
  as      = <<-SQL
    SELECT date_trunc('month', placed_at) AS month, count(*) AS orders, sum(total) AS total
    FROM shop.order_totals
    WHERE status <> 'cancelled'
    GROUP BY date_trunc('month', placed_at)
  SQL

  index "monthly_sales_month_key" {
    unique  = true
    columns = [column.month]
  }
}
